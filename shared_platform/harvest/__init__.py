"""OAI-PMH 2.0: the catalogue for library and data harvesters, withdrawn listings included."""
