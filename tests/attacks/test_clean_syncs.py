"""No false alarms: honest logs, whatever interrupts following them.

A hundred syncs by default; `pytest tests/attacks/test_clean_syncs.py --clean-syncs 1000` for more.
"""

import pytest

from shared_platform.database.engine import Database
from tests.attacks.clean_syncs import run_clean_syncs
from tests.conftest import truncate_all


@pytest.mark.timeout(600)
async def test_honest_logs_raise_no_alarm(
    node_committed: Database, request: pytest.FixtureRequest
) -> None:
    count = int(request.config.getoption("--clean-syncs"))

    met = await run_clean_syncs(
        node_committed.sessions, empty=lambda: truncate_all(node_committed), count=count, seed=7
    )

    assert met.alarms == []
    assert met.syncs == count
    assert met.applied > count / 2
