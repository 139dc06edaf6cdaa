"""Recommendation: signed statements to the hub, what the hub decides, and what became public."""
