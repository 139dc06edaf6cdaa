"""Two Alembic histories: main_platform and subplatform."""
