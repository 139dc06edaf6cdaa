"""The people of a node: roles, permissions, tokens."""
