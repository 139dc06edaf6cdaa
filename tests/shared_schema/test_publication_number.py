"""Publication numbers."""

import pytest
from pydantic import TypeAdapter, ValidationError

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.publication_number import PublicationNumber, parse_publication_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("CN108938619B", "CN108938619B"),  # of application 201810698291.4
        ("cn 108938619 b", "CN108938619B"),
        ("ＣＮ１０８９３８６１９Ｂ", "CN108938619B"),
        ("CN1089386A", "CN1089386A"),
        ("CN1089386C", "CN1089386C"),
        ("CN208938619U", "CN208938619U"),
        ("CN2089386Y", "CN2089386Y"),
        ("CN308938619S", "CN308938619S"),
        ("CN3089386D", "CN3089386D"),
    ],
)
def test_publication_numbers_are_read(text: str, number: str) -> None:
    assert parse_publication_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CN108938619",
        "CN108938619U",
        "CN208938619B",
        "CN10893861B",
        "US10667479B2",
        "CN408938619B",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_publication_number(text)

    assert caught.value.code == "publication_number.malformed"


def test_the_wire_takes_the_plain_form_only() -> None:
    wire = TypeAdapter(PublicationNumber)

    assert wire.validate_python("CN108938619B") == "CN108938619B"
    with pytest.raises(ValidationError):
        wire.validate_python("cn108938619B")
