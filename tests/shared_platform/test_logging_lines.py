"""Log lines: JSON whatever is logged, no secrets, no characters that forge or hide lines."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from shared_platform.observability.logs import configure_logging
from shared_platform.observability.redaction import REDACTED, redact_event, visible
from shared_platform.observability.request_id import request_id_is


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged; afterwards logging is as `conftest` set it."""
    stream = io.StringIO()
    configure_logging(stream=stream)
    yield stream
    configure_logging(level="warning")


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_logger_and_facts(lines: io.StringIO) -> None:
    structlog.get_logger("kaixu.test").info("listing_approved", serial=7, title="光学镜头")

    [line] = read(lines)

    assert line["event"] == "listing_approved"
    assert (line["serial"], line["title"]) == (7, "光学镜头")
    assert (line["level"], line["logger"]) == ("info", "kaixu.test")
    assert line["timestamp"].endswith("Z")


def test_a_library_that_uses_the_standard_logger_writes_the_same_form(lines: io.StringIO) -> None:
    logging.getLogger("alembic.runtime").warning("running %s", "upgrade")

    [line] = read(lines)

    assert (line["event"], line["level"]) == ("running upgrade", "warning")


def test_an_exception_stays_on_its_line(lines: io.StringIO) -> None:
    try:
        int("first\nsecond")
    except ValueError:
        structlog.get_logger("kaixu.test").exception("failed")

    [line] = read(lines)

    assert "ValueError: invalid literal" in line["exception"]


def test_lines_carry_the_request_id_of_their_context(lines: io.StringIO) -> None:
    with request_id_is("req-12345678"):
        structlog.get_logger("kaixu.test").info("anything")

    assert read(lines)[0]["request_id"] == "req-12345678"


@pytest.mark.parametrize(
    "key",
    ["password", "Authorization", "bearer_token", "cookie", "private_key_pem", "contact_phone"],
)
def test_a_value_under_a_secret_name_is_masked(lines: io.StringIO, key: str) -> None:
    structlog.get_logger("kaixu.test").info("event", outer={key: "s3cret"})

    assert read(lines)[0]["outer"] == {key: REDACTED}


@pytest.mark.parametrize(
    "text",
    [
        "connecting to postgresql://kaixu:s3cret@db/hub",
        "header was Bearer s3cret",
        "key -----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY----- ends",
    ],
    ids=["url", "bearer", "key"],
)
def test_a_secret_inside_a_text_is_masked(lines: io.StringIO, text: str) -> None:
    structlog.get_logger("kaixu.test").info("event", note=text)
    logging.getLogger("library").warning(text)

    assert "s3cret" not in lines.getvalue()


@given(text=st.text())
def test_no_text_can_forge_a_line_or_hide_characters(text: str) -> None:
    event = redact_event(None, "info", {"event": text, text: [text]})

    shown = json.dumps(event, ensure_ascii=False)
    assert len(shown.splitlines()) == 1
    assert not set(shown) & set("\r\n\x1b\u202e\u2066\u200b\ufeff")
    shown.encode("utf-8")


def test_control_characters_stay_readable_as_escapes() -> None:
    assert visible("a\r\nb\x1b[31m\u202e") == "a\\u000d\\u000ab\\u001b[31m\\u202e"


def test_the_callers_own_id_stands_beside_ours_on_every_line(lines: io.StringIO) -> None:
    with request_id_is("ours-0001", peer="theirs-0001"):
        structlog.get_logger("kaixu.test").info("within")
    structlog.get_logger("kaixu.test").info("outside")

    within, outside = read(lines)

    assert (within["request_id"], within["peer_request_id"]) == ("ours-0001", "theirs-0001")
    assert "peer_request_id" not in outside
