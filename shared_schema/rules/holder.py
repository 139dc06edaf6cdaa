"""DEC-04: the declared holders are the registered ones, and co-owners consent (art. 14)."""

import unicodedata
from typing import Final

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration, Holder
from shared_schema.finding import Finding
from shared_schema.register_facts import RegisterFacts, RegisterHolder
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.profile import RuleProfile

_BRACKETS: Final = str.maketrans(
    dict.fromkeys("〔［【「『〈《[{", "(") | dict.fromkeys("〕］】」』〉》]}", ")")
)


def folded_name(name: str) -> str:
    """A holder's name for comparison: NFKC, one kind of brackets, no white space, no case."""
    folded = unicodedata.normalize("NFKC", name).translate(_BRACKETS)
    return "".join(folded.split()).casefold()


def dec_04_holders(
    declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """A holder exists; with register facts: the same set, in any order, and all co-owners consent.

    Without register facts nobody knows who the co-owners are, so only existence is checked.
    """
    if not any(folded_name(holder.name) for holder in declaration.holders):
        return [
            found(
                "DEC-04",
                profile,
                "/holders",
                message=Words("没有填写专利权人。", "No holder is named."),
            )
        ]
    if context.register is None:
        return []
    return [
        *_differences(declaration.holders, context.register, profile),
        *_missing_consents(declaration.holders, profile),
    ]


def _same(declared: Holder, registered: RegisterHolder) -> bool:
    """Credit codes decide where both sides have one; otherwise the folded names do."""
    if declared.credit_code is not None and registered.credit_code is not None:
        return declared.credit_code == registered.credit_code
    return folded_name(declared.name) == folded_name(registered.name)


def _differences(
    declared: tuple[Holder, ...], register: RegisterFacts, profile: RuleProfile
) -> list[Finding]:
    missing = [
        owner.name
        for owner in register.holders
        if not any(_same(holder, owner) for holder in declared)
    ]
    unknown = [
        holder.name
        for holder in declared
        if not any(_same(holder, owner) for owner in register.holders)
    ]
    if not missing and not unknown:
        return []
    return [
        found(
            "DEC-04",
            profile,
            "/holders",
            message=Words(
                "专利权人与登记簿不一致。"
                + _listed("缺少：", missing)
                + _listed("登记簿无：", unknown),
                "The holders differ from the register."
                + _listed(" Missing: ", missing, ". ")
                + _listed(" Not registered: ", unknown, "."),
            ),
            facts={
                "missing": missing,
                "not_registered": unknown,
                "register_as_of": register.as_of.isoformat(),
                "register_source": register.source,
            },
        )
    ]


def _listed(label: str, names: list[str], stop: str = "。") -> str:
    return f"{label}{'、'.join(names)}{stop}" if names else ""


def _missing_consents(declared: tuple[Holder, ...], profile: RuleProfile) -> list[Finding]:
    if len(declared) == 1:
        return []
    return [
        found(
            "DEC-04",
            profile,
            f"/holders/{position}/consents",
            message=Words(
                f"共有人“{holder.name}”尚未同意。", f"Co-owner “{holder.name}” has not consented."
            ),
            facts={"holder": holder.name},
        )
        for position, holder in enumerate(declared)
        if not holder.consents
    ]
