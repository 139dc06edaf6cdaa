"""All tables of the hub, for its migration history: a new `tables` module is imported here."""

from typing import Final

from sqlalchemy import MetaData

from main_platform.catalogue import tables as _catalogue
from main_platform.cosigning import tables as _cosigning
from main_platform.erasure import tables as _erasure
from main_platform.intake import tables as _intake
from main_platform.monitoring import tables as _monitoring
from main_platform.monthly_issue import tables as _monthly_issue
from main_platform.nodes import tables as _nodes
from main_platform.review import tables as _review
from main_platform.tables import HubTable
from shared_platform.alarms.tables import ALARMS
from shared_platform.audit.tables import AUDIT
from shared_platform.catalogue.tables import CATALOGUE
from shared_platform.database.tables import include_tables
from shared_platform.job_runs.tables import JOB_RUNS
from shared_platform.mail.tables import MAIL
from shared_platform.portal_keys.tables import PORTAL_KEYS
from shared_platform.sign_in.tables import SIGN_IN
from shared_platform.transport.idempotency import include_idempotency
from shared_platform.transport.nonces import include_nonces

FEATURES: Final = (
    _catalogue,
    _cosigning,
    _erasure,
    _intake,
    _monitoring,
    _monthly_issue,
    _nodes,
    _review,
)
metadata: Final[MetaData] = HubTable.metadata

for shared in (ALARMS, AUDIT, CATALOGUE, JOB_RUNS, MAIL, PORTAL_KEYS, SIGN_IN):
    include_tables(shared, into=metadata)
include_idempotency(metadata)
include_nonces(metadata)
