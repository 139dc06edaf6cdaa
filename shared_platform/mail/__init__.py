"""Letters to people: rows of the transaction that causes them, sent later by SMTP or as files."""
