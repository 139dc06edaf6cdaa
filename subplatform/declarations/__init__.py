"""Declarations at a node: what holders offer, and how published lists become declarations."""
