"""The invariants of a hub (reliability §4), checked from raw rows and signed bytes."""
