"""What the hub and the node both run: database, transport, catalogue projection."""
