"""What the index reads of a statement is what the whole contract reads of it."""

import json
from typing import Any

import pytest

from shared_platform.search.documents import read_terms
from shared_platform.search.segmentation import normalise, normalise_all
from shared_schema.declaration import Declaration
from shared_schema.strict_base64 import encode_base64
from tests.shared_schema.offers import a_declaration, paying

CHANGES: list[dict[str, Any]] = [
    {},
    {"abstract": "一种\n录音方法"},
    {"technical_field": {"ipc": ["H04L 9/32"], "industries": ["C39", "I65"], "text": "通信"}},
    {"territory": {"include": ["44"], "exclude": ["440300"]}},
    {"territory": {"include": ["44", "440100", "CN"]}},
    paying({"mode": "free"}),
    paying(
        {
            "mode": "entry_plus_royalty",
            "entry_fen": 100,
            "royalty": {"base": "net_sales", "rate_percent": "2.5"},
        }
    ),
]


def an_envelope(body: dict[str, Any]) -> bytes:
    payload = json.dumps({"schema": "licence-declaration/1", "body": body}).encode()
    return json.dumps({"payload": encode_base64(payload), "signatures": []}).encode()


@pytest.mark.parametrize("changes", CHANGES, ids=range(len(CHANGES)))
def test_terms_are_read_as_the_contract_reads_them(changes: dict[str, Any]) -> None:
    body = a_declaration().model_dump(mode="json", by_alias=True) | changes
    if "fee" in changes:
        body["fee"] = changes["fee"]
    whole = Declaration.model_validate(body)

    read = read_terms(an_envelope(body))

    assert (read.fee, read.territory) == (whole.fee, whole.territory)
    assert (read.title, read.abstract) == (whole.patent.title, whole.abstract or "")
    assert read.holders == tuple(one.name for one in whole.holders)
    assert read.holder_kinds == {one.kind for one in whole.holders}
    field = whole.technical_field
    assert (read.ipc, read.industries, read.field_text) == (
        field.ipc,
        field.industries,
        field.text or "",
    )


def test_members_that_a_later_version_adds_are_passed_over() -> None:
    body = a_declaration().model_dump(mode="json", by_alias=True)
    body["fee"]["later"] = body["territory"]["later"] = body["later"] = 1

    assert read_terms(an_envelope(body)).holders == ("五邑大学",)


def test_texts_folded_together_are_those_folded_alone() -> None:
    texts = ["聯邦學習\nＬＥＤ", "", "㎡ ﬁ", "é\u0301\n\n", "Ⅷ"]

    assert normalise_all(texts) == [normalise(text.replace("\n", " ")) for text in texts]
