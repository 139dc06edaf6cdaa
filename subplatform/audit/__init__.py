"""What a node's audit trail names."""
