"""What the hub does by itself, beside the sequencer: chores at intervals."""
