"""Refusals where people sign in: nobody is led to the sign-in page, everything else is a page."""

from urllib.parse import quote, urlsplit

from fastapi import Request, Response

from shared_platform.public_pages.frame import SIGN_IN_PATH
from shared_platform.public_pages.problem_pages import reads_pages
from shared_platform.transport.problems import ProblemPage
from shared_platform.workspace.entry import HOME, STEPS
from shared_platform.workspace.local_path import local_path
from shared_platform.workspace.submit_once import see_other
from shared_platform.workspace.visit import SignInNeeded
from shared_schema.refusal import DomainError


def led_to_sign_in(otherwise: ProblemPage) -> ProblemPage:
    """Leads browsers without a session to sign in; every other refusal is answered `otherwise`."""

    def answer(request: Request, refusal: DomainError, request_id: str) -> Response | None:
        if isinstance(refusal, SignInNeeded) and reads_pages(request):
            return _lead_to_sign_in(request, refusal)
        return otherwise(request, refusal, request_id)

    return answer


def _lead_to_sign_in(request: Request, refusal: SignInNeeded) -> Response:
    """To the step that is missing, and afterwards back to the page that was asked for."""
    query = [f"next={quote(_wanted(request), safe='')}"]
    own = request.query_params
    query += [f"{name}={quote(own[name], safe='')}" for name in ("lang", "size") if name in own]
    step = SIGN_IN_PATH if refusal.stage is None else STEPS.get(refusal.stage, HOME)
    address = f"{step}?{'&'.join(query)}"
    if request.headers.get("hx-request") == "true":  # htmx follows 303 by itself, into the fragment
        return Response(status_code=204, headers={"hx-redirect": address})
    return see_other(address)


def _wanted(request: Request) -> str:
    """The page to come back to; for a form, the page that it stands on."""
    if request.method == "GET":
        path = request.url.path
        return f"{path}?{request.url.query}" if request.url.query else path
    came_from = urlsplit(request.headers.get("referer", ""))
    place = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return local_path(place) or "/workspace"
