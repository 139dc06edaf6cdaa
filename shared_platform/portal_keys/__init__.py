"""Keys of portals: who reads much, known by name, with higher limits and counted by day."""
