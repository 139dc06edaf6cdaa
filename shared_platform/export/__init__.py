"""Any search as a table, CSV or workbook: the nine public items, or the plan's six."""
