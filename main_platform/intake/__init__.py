"""Intake: statements come in from nodes, are checked, kept as they came, and receipted."""
