"""Alarms of a service: what stands, what to do about it; raised and ended by its condition."""
