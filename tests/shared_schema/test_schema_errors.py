"""Pointers of validation errors lead to the document as it was sent."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from shared_schema.schema_errors import MAX_SHOWN, field_errors


class Cash(BaseModel):
    kind: Literal["cash"]
    fen: int


class Kind(BaseModel):
    kind: Literal["kind"]
    what: str


class Order(BaseModel):
    pay: Annotated[Cash | Kind, Field(discriminator="kind")]
    lines: list[Cash | Kind] = []
    notes: dict[str, int] = {}
    size: int | bool = 0


def pointers_of(document: object, under: str = "") -> dict[str, str]:
    with pytest.raises(ValidationError) as invalid:
        Order.model_validate(document)
    errors = field_errors(invalid.value, document, under=under)
    return {error.pointer: error.code for error in errors}


def test_a_unions_tag_is_no_step_of_the_pointer() -> None:
    assert pointers_of({"pay": {"kind": "cash", "fen": "x"}}) == {"/pay/fen": "int_parsing"}
    assert pointers_of({"pay": {"kind": "cash"}}, "/body") == {"/body/pay/fen": "missing"}
    assert list(pointers_of({"pay": {"kind": "cash", "fen": 1}, "size": "big"})) == ["/size"]
    assert pointers_of({"pay": {"kind": "gold"}}) == {"/pay": "union_tag_invalid"}


def test_special_characters_of_names_are_escaped() -> None:
    document = {"pay": {"kind": "cash", "fen": 1}, "notes": {"a/b~c": "x"}}

    assert list(pointers_of(document)) == ["/notes/a~1b~0c"]


def test_a_document_that_is_no_object_is_pointed_at_as_a_whole() -> None:
    assert list(pointers_of([1])) == [""]


def test_the_list_of_errors_is_bounded() -> None:
    document = {"pay": {"kind": "cash", "fen": 1}, "notes": {str(n): "x" for n in range(200)}}

    assert len(pointers_of(document)) == MAX_SHOWN
