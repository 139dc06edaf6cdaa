"""The catalogue as a projection of the hub's log: tables, applying, syncing, reading."""
