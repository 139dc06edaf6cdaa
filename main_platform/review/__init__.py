"""Review: staff decide on offers, conflicts are settled, and what is decided goes to the log."""
