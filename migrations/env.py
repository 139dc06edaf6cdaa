"""What Alembic runs for both histories; all of it is in `migrations.environment`."""

from migrations.environment import run

run()
