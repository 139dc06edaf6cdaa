"""Lead a browser on after work that had its own transactions, with a sentence on the next page."""

from fastapi import Response

from shared_platform.sign_in.browser_sessions import add_notice
from shared_platform.workspace.submit_once import see_other
from shared_platform.workspace.visit import Visit
from shared_schema.bilingual import Words


async def said_on(visit: Visit, path: str, notice: Words) -> Response:
    """Show `notice` on the page at `path`, in the visitor's language."""
    async with visit.request.app.state.sessions.begin() as session:
        await add_notice(session, visit.session.id, notice)
    return see_other(visit.reader.link(path))
