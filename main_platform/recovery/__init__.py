"""A restored hub gets the entries it has lost back from its nodes; the log goes on."""
