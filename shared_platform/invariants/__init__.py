"""What must hold at all times, and how what was checked is told."""
