"""The licensing rules DEC-01 to DEC-20 as versioned profiles."""

from shared_schema.rules.check import check_declaration, is_high_risk, unchecked_rules
from shared_schema.rules.context import LiveOffer, RuleContext
from shared_schema.rules.profile import PROFILES, ProfileUnknown, RuleProfile, profile_named
from shared_schema.rules.table import RULE_TABLE, RuleRow
from shared_schema.rules.terms import terms_equal

__all__ = [
    "PROFILES",
    "RULE_TABLE",
    "LiveOffer",
    "ProfileUnknown",
    "RuleContext",
    "RuleProfile",
    "RuleRow",
    "check_declaration",
    "is_high_risk",
    "profile_named",
    "terms_equal",
    "unchecked_rules",
]
