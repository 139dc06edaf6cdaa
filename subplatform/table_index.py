"""All tables of a node, for its migration history: a new `tables` module is imported here."""

from typing import Final

from sqlalchemy import MetaData

from shared_platform.alarms.tables import ALARMS
from shared_platform.audit.tables import AUDIT
from shared_platform.catalogue.tables import CATALOGUE
from shared_platform.database.tables import include_tables
from shared_platform.job_runs.tables import JOB_RUNS
from shared_platform.mail.tables import MAIL
from shared_platform.portal_keys.tables import PORTAL_KEYS
from shared_platform.sign_in.tables import SIGN_IN
from shared_platform.transport.idempotency import include_idempotency
from subplatform.accounts import tables as _accounts
from subplatform.catalogue_mirror import tables as _catalogue_mirror
from subplatform.declarations import tables as _declarations
from subplatform.monitoring import tables as _monitoring
from subplatform.outbox import tables as _outbox
from subplatform.patent_register import tables as _patent_register
from subplatform.recommendation import tables as _recommendation
from subplatform.tables import NodeTable

FEATURES: Final = (
    _accounts,
    _patent_register,
    _outbox,
    _catalogue_mirror,
    _declarations,
    _recommendation,
    _monitoring,
)
metadata: Final[MetaData] = NodeTable.metadata

for shared in (ALARMS, AUDIT, CATALOGUE, JOB_RUNS, MAIL, PORTAL_KEYS, SIGN_IN):
    include_tables(shared, into=metadata)
include_idempotency(metadata)
