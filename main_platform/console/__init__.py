"""The pages of the hub's staff: what waits, reviews, conflicts, a second look, withdrawals."""
