"""Erasure of personal data: asked for, decided by two people, carried out everywhere."""
