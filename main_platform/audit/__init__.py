"""What the hub's audit trail names."""
