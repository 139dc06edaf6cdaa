"""Which answers other sites may show in a frame: those under /embed/, and no others."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from fastapi import Request, Response
from jinja2 import ChoiceLoader, PackageLoader, Template

from shared_platform.embeds.parameters import Theme
from shared_platform.look.look import shown_settings
from shared_platform.public_pages.frame import show, templates
from shared_platform.public_pages.problem_pages import problem_page
from shared_platform.public_pages.reader import Reader
from shared_platform.settings import PlatformSettings
from shared_platform.transport.request_guard import CONTENT_SECURITY_POLICY
from shared_schema.refusal import DomainError

PREFIX: Final = "/embed/"
_NOBODY: Final = "frame-ancestors 'none'"
_templates: Final = templates.overlay(
    loader=ChoiceLoader(
        [
            PackageLoader(package)
            for package in ("shared_platform.embeds", "shared_platform.public_pages")
        ]
    )
)


def template(name: str) -> Template:
    """A template of this folder; it may extend and include those of the public pages."""
    return _templates.get_template(name)


def show_framed(
    request: Request, name: str, facts: Mapping[str, Any], *, reader: Reader
) -> Response:
    """The page, which other sites may frame; its language is theirs and not the browser's."""
    answer = show(request, template(name), facts, reader=reader)
    if "vary" in answer.headers:
        del answer.headers["vary"]
    return may_be_framed(request, answer)


def may_be_framed(request: Request, answer: Response) -> Response:
    """Let the sites of the settings frame the answer; everything else of the policy stays."""
    allowed = f"frame-ancestors {frame_ancestors(shown_settings(request))}"
    policy = CONTENT_SECURITY_POLICY.replace(_NOBODY, allowed)
    answer.headers["content-security-policy"] = policy
    return answer


def frame_ancestors(settings: PlatformSettings) -> str:
    """The sources that may frame: every site, or those of the settings and this one."""
    listed = settings.embed_ancestors
    return listed if listed == "*" else f"'self' {listed}".strip()


def problem_or_frame(request: Request, refusal: DomainError, request_id: str) -> Response | None:
    """The page of a refusal, in a frame without the menu; None where a program asks."""
    if not request.url.path.startswith(PREFIX):
        return problem_page(request, refusal, request_id)
    page, query = template("embed_problem.html"), request.query_params
    reader = Reader("en" if query.get("lang") == "en" else "zh")
    theme = next((one for one in get_args(Theme) if one == query.get("theme")), "light")
    first = [pair for pair in query.multi_items() if pair[0] != "cursor"]
    again = Reader().link(request.url.path, first)
    more = {"theme": theme, "whole_url": reader.link("/"), "again": again}
    answer = problem_page(request, refusal, request_id, template=page, more=more)
    return None if answer is None else may_be_framed(request, answer)
