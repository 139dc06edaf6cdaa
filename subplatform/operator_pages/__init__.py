"""The operator desk: pages on which a node's people verify, deliver, import and look after it."""
