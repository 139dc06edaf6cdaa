"""Every alarm leads to a section of the manual that says what to do."""

from deploy.write_docs import DOCS
from main_platform.monitoring.conditions import WATCHED as AT_THE_HUB
from shared_platform.alarms.codes import AlarmCode
from subplatform.catalogue_mirror.pull import RAISED_HERE
from subplatform.monitoring.watching import WATCHED as AT_A_NODE


def test_every_alarm_code_has_its_place_in_the_manual() -> None:
    manual = (DOCS / "operations.md").read_text(encoding="utf-8")

    missing = [one.code for one in AlarmCode if f"<a id='alarm-{one.code}'></a>" not in manual]

    assert missing == []
    assert all(one.anchor == f"docs/operations.md#alarm-{one.code}" for one in AlarmCode)


def test_every_alarm_code_is_raised_by_somebody() -> None:
    assert frozenset(AlarmCode) == AT_THE_HUB | AT_A_NODE | RAISED_HERE
