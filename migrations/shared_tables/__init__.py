"""Tables that both histories begin with; once released, these files never change."""
