"""The hub of one province: nodes, intake, review, log."""
