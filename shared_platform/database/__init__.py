"""PostgreSQL for both services: the embedded server, sessions, migrations, table conventions."""
