"""Keep what a node reports about itself: the last word counts."""

from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.monitoring.tables import NodeReportRow
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.schema_errors import field_errors
from shared_schema.status_report import StatusReport


class ReportInvalid(DomainError):
    """The report is not in the contract's form; `errors` name the members."""

    problem = ProblemType.SCHEMA_INVALID


def read_report(body: object) -> StatusReport:
    """The report of a signed request.

    Raises:
        ReportInvalid: it is in another form.
    """
    try:
        return StatusReport.model_validate(body)
    except ValidationError as malformed:
        errors = field_errors(malformed, body if isinstance(body, dict) else {})
        raise ReportInvalid("状态报告格式不符 / the report is malformed", errors) from malformed


async def store_report(
    session: AsyncSession, node: str, report: StatusReport, *, now: Instant
) -> None:
    """Replace the node's last report."""
    columns = {"reported_at": now, "report": report.model_dump(mode="json")}
    row = insert(NodeReportRow).values(node=node, **columns)
    await session.execute(
        row.on_conflict_do_update(index_elements=[NodeReportRow.node], set_=columns)
    )
