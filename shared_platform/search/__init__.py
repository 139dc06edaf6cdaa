"""Full text and facets over the catalogue: one more projection of the log, beside the tables."""
