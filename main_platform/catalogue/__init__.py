"""The hub's log: queue, sequencer, checkpoints, and what the public reads of them."""
