"""A node: declarations, verification, recommendation, catalogue mirror."""
