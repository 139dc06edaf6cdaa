"""Accounts, tokens, roles and permissions: one implementation for hub staff and node users."""
