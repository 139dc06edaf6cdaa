"""How a rule speaks: its sentences, made a finding with the rule's table row and severity."""

from collections.abc import Mapping
from typing import Any, Final

from shared_schema.bilingual import Words
from shared_schema.finding import Finding
from shared_schema.rules.profile import RuleProfile
from shared_schema.rules.table import RULE_TABLE

_NO_FACTS: Final[Mapping[str, Any]] = {}


def found(
    code: str,
    profile: RuleProfile,
    pointer: str,
    *,
    message: Words,
    hint: Words | None = None,
    facts: Mapping[str, Any] = _NO_FACTS,
) -> Finding:
    """A finding of rule `code` with the profile's severity and the rule's legal source.

    `hint` None takes the rule's general hint. `facts` hold JSON values only.
    """
    row = RULE_TABLE[code]
    advice = hint or Words(row.hint_zh, row.hint_en)
    return Finding(
        code=code,
        severity=profile.severity[code],
        pointer=pointer,
        message_zh=message.zh,
        message_en=message.en,
        hint_zh=advice.zh,
        hint_en=advice.en,
        source=row.source,
        facts=dict(facts),
    )
