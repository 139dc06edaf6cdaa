"""Examples for the OpenAPI document; a test reads them with the contract's own models."""

from typing import Any, Final

LISTING_EXAMPLE: Final[dict[str, Any]] = {
    "state": "published",
    "schema": "public-listing/1",
    "listing": "019a0000-0000-7000-8000-000000000001",
    "origin": "gz-exchange",
    "number": "2017106018623",
    "version": 1,
    "serial": 120,
    "approved_at": "2026-11-20T02:30:00Z",
    "standing": "primary",
    "primary": None,
    "reason": None,
    "provenance": {
        "statement_hash": "5f" * 32,
        "object_hash": "a1" * 32,
        "key_id": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    },
    "needs_newer_reader": False,
    "items": {
        "number": "2017106018623",
        "holders": ["示例大学"],
        "title": "一种示例装置",
        "fee": {
            "payment": {
                "mode": "lump_sum",
                "amount_fen": 2000000,
                "due_days": 30,
                "working_days": False,
            },
            "free_period": None,
            "pay_after_use": None,
            "currency": "CNY",
            "note": None,
        },
        "period": {"start": "2026-12-01", "end": "2029-11-30"},
        "technical_field": {"ipc": [], "industries": [], "text": "智能制造"},
        "territory": {"include": ["CN"], "exclude": []},
        "contact": {"name": "张*", "phone": "138****5678", "email": None},
        "evaluation_report": None,
    },
}

PAGE_EXAMPLE: Final[dict[str, Any]] = {
    "items": [LISTING_EXAMPLE],
    "next": "AAAAAAAAAHixb1nqk2JmYAgT",
    "log_size": 5000,
}
