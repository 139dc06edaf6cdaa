"""One row for each loop of the service, whichever process ran it last."""

from typing import Final

from sqlalchemy import Column, DateTime, Float, Table, Text

from shared_platform.database.tables import named_metadata

JOB_RUNS: Final = named_metadata()

job_run: Final = Table(
    "job_run",
    JOB_RUNS,
    Column("name", Text, primary_key=True),
    Column("ran_at", DateTime(timezone=True), comment="when it last ended well"),
    Column("seconds", Float, comment="how long that took"),
    Column("next_at", DateTime(timezone=True), comment="when it works again at the latest"),
    Column("failed_at", DateTime(timezone=True), comment="when it last failed"),
    Column("failure", Text, comment="what kind of failure; the log has the rest"),
)
