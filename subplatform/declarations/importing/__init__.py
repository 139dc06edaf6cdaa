"""Reading published lists into declarations: files, profiles, fee clauses, reports. No database."""
