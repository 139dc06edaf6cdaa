"""The audit trail of a service: who did what to what, when; rows are only ever added."""
