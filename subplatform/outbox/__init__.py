"""The outbox: signed statements on their way to the hub, delivered exactly once and in order."""
