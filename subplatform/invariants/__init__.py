"""The invariants of a node (reliability §4), checked from raw rows and signed bytes."""
