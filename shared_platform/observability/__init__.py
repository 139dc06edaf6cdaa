"""What an operator sees: JSON logs with request ids, health, readiness and metrics."""
