"""Verification: rules and register over drafts, and over what was sent."""
