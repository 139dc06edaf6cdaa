"""The declaration's shape: permissive enough for a draft, closed to everything else."""

import json

import pytest
from pydantic import ValidationError

from shared_schema.declaration import COMMITMENTS, DECLARATION_SCHEMA, Declaration
from tests.shared_schema.offers import a_declaration, a_patent

# 广东, as published: 202111286021.0, lump sum of 200,000 yuan within 15 days, until 2025-09-30
A_REAL_ROW = {
    "profile": "pilot-gd-2022",
    "patent": {"application_number": "2021112860210", "kind": "invention"},
    "holders": [{"name": "中国农业科学院蜜蜂研究所", "kind": "institute"}],
    "fee": {"payment": {"mode": "lump_sum", "amount_fen": 20_000_000, "due_days": 15}},
    "period": {"end": "2025-09-30"},
    "territory": {"include": ["44"]},
}


def test_a_real_published_row_is_a_draft() -> None:
    draft = Declaration.model_validate(A_REAL_ROW)

    assert draft.contact is None
    assert draft.commitments == ()
    assert draft.schema_id == DECLARATION_SCHEMA


def test_a_declaration_survives_its_json_with_schema_as_a_member() -> None:
    declaration = a_declaration()

    text = declaration.model_dump_json(by_alias=True)

    assert json.loads(text)["schema"] == "licence-declaration/1"
    assert Declaration.model_validate_json(text) == declaration


def test_the_commitments_are_four() -> None:
    assert len(set(COMMITMENTS)) == 4
    assert {one.code for one in a_declaration().commitments} == set(COMMITMENTS)


@pytest.mark.parametrize(
    "changes",
    [
        a_patent("2021112860211", "invention"),
        a_patent("ZL202111286021.0", "invention"),
        a_patent("2021112860210", "plant"),
        {"schema": "licence-declaration/2"},
        {"holders": [{"name": ""}]},
        {"holders": [{"name": "某\x00校"}]},
        {"holders": [{"name": "某校"}] * 51},
        {"holders": [{"name": "某校", "share_percent": "101"}]},
        {"contact": {"name": "张三", "phone": "电话"}},
        {"contact": {"name": "张三", "email": "zhang@"}},
        {"contact": {"name": "张三", "email": "a b@example.cn"}},
        {"evaluation_report": {"kind": "evaluation", "sha256": "AB" * 32}},
        {"period": {"end": "2025-02-30"}},
        {"period": {}},
        {"commitments": [{"code": "no_exclusive_licence"}]},
        {"rd_team": "语音实验室"},
    ],
)
def test_what_the_form_does_not_know_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        a_declaration(**changes)
