"""How hub and nodes do: health of each node, conditions, alarms, figures."""
