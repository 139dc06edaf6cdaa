"""The hub's own people: roles, permissions, tokens."""
