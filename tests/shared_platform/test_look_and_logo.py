"""What may be a logo, and a look that is read again when it changed."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared_platform.look.logo import MOST_BYTES, LogoRefused, check_logo
from shared_platform.look.look import LiveLook, Look, look_file, store_look
from tests.shared_platform.page_places import PageSettings

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "webp"),
        (SVG.format('<path d="M0 0h9v9z" fill="#9c2b1f"/>').encode(), "svg"),
        (SVG.format('<defs><g id="a"/></defs><use href="#a"/>').encode(), "svg"),
    ],
)
def test_pictures_are_known_by_their_content(content: bytes, kind: str) -> None:
    assert check_logo(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<html><script>alert(1)</script></html>",
        b"\x89PNG\r\n\x1a\n" + b"0" * MOST_BYTES,
        SVG.format("<script>alert(1)</script>").encode(),
        SVG.format('<g onload="alert(1)"/>').encode(),
        SVG.format('<a href="javascript:alert(1)"><path d="M0 0"/></a>').encode(),
        SVG.format("<foreignObject/>").encode(),
        SVG.format('<use href="https://evil.example/x.svg#a"/>').encode(),
        SVG.format('<image href="https://evil.example/x.png"/>').encode(),
        SVG.format("<style>@import url(https://evil.example/x.css);</style>").encode(),
        SVG.format('<path style="fill:url(https://evil.example/x)" d="M0 0"/>').encode(),
        SVG.format('<set attributeName="href" to="javascript:alert(1)"/>').encode(),
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        b'<?xml-stylesheet href="x.css"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg">',
    ],
)
def test_what_runs_loads_or_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(LogoRefused) as refused:
        check_logo(content)

    assert refused.value.errors[0].code.startswith("logo.")


def test_a_look_stands_over_the_settings_and_is_read_when_it_changed(tmp_path: Path) -> None:
    settings = PageSettings(data_dir=tmp_path)
    live = LiveLook(settings)
    before = live.settings().accent_colour

    store_look(settings, Look(name_zh="新名称", accent_colour="#005a9c", logo=""))
    shown = live.settings()

    assert before == settings.accent_colour
    assert (shown.accent_colour, shown.logo_file) == ("#005a9c", None)
    assert live.look.name_zh == "新名称"


def test_a_file_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    settings = PageSettings(data_dir=tmp_path)
    live = LiveLook(settings)
    store_look(settings, Look(icp_record="粤ICP备1号"))
    live.settings()

    look_file(settings).write_text('{"accent_colour": "#ffffff"}', encoding="utf-8")

    assert live.settings().icp_record == "粤ICP备1号"


def test_a_look_takes_no_colour_that_cannot_be_read_and_no_file_elsewhere() -> None:
    with pytest.raises(ValidationError):
        Look(accent_colour="#eeeeee")
    with pytest.raises(ValidationError):
        Look(logo="../keys/statement.pem")
