"""`make bench`: speed as ratios, each measured beside its limit in the same run."""
