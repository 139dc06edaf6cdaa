"""Builders: a declaration and register facts that no rule objects to, changed where a test says."""

from datetime import date
from typing import Any

from shared_schema.declaration import COMMITMENTS, Declaration
from shared_schema.finding import Finding
from shared_schema.register_facts import RegisterFacts
from shared_schema.rules import PROFILES, LiveOffer, RuleContext, check_declaration

TODAY = date(2026, 11, 22)
INVENTION = "2021109782894"  # filed 2021
UTILITY_MODEL = "2022232487213"
DESIGN = "2019306492535"


def a_declaration(**changes: object) -> Declaration:
    body: dict[str, Any] = {
        "profile": "statutory-2024",
        "patent": {
            "application_number": INVENTION,
            "kind": "invention",
            "title": "一种获取纯净语音的录音方法",
        },
        "holders": [{"name": "五邑大学", "kind": "university"}],
        "fee": {"payment": {"mode": "lump_sum", "amount_fen": 3_000_000, "due_days": 30}},
        "period": {"end": "2028-12-31"},
        "territory": {"include": ["CN"]},
        "contact": {"name": "张三", "phone": "13812345678"},
        "commitments": [
            {
                "code": code,
                "text_version": "2024-1",
                "signer": "五邑大学",
                "signed_at": "2026-11-20T08:00:00Z",
            }
            for code in COMMITMENTS
        ],
    }
    return Declaration.model_validate(body | changes)


def paying(payment: dict[str, Any], **terms: object) -> dict[str, Any]:
    return {"fee": {"payment": payment} | terms}


def a_patent(number: str, kind: str, **more: object) -> dict[str, Any]:
    return {"patent": {"application_number": number, "kind": kind} | more}


def a_register(**changes: object) -> RegisterFacts:
    facts: dict[str, Any] = {
        "application_number": INVENTION,
        "as_of": TODAY,
        "source": "登记簿副本",
        "granted": True,
        "status": "valid",
        "holders": ["五邑大学"],
        "annual_fee": "paid",
    }
    return RegisterFacts.model_validate(facts | changes)


def check(
    declaration: Declaration,
    profile: str = "statutory-2024",
    *,
    register: RegisterFacts | None = None,
    live_offers: tuple[LiveOffer, ...] = (),
    listing: str | None = None,
    report_demanded: bool = False,
) -> list[Finding]:
    context = RuleContext(
        today=TODAY,
        register=register,
        live_offers=live_offers,
        listing=listing,
        report_demanded=report_demanded,
    )
    return check_declaration(declaration, profile=PROFILES[profile], context=context)


def of_rule(code: str, findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.code == code]
