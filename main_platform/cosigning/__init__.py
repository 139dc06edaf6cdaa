"""Nodes vouch for the log: cosignatures, evidence of forks, and hearing nodes before it grows."""
