"""The audit trail for those who read it: page, export, command line; for both services."""
