"""The node's copy of the catalogue: pulled from the hub's log, proven, and reported on."""
