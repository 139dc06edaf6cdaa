"""How this node does: conditions, alarms, figures, and its report to the hub."""
