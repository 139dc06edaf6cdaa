"""A form that is sent twice acts once: its hidden key gets the same confirmation again.

A double click, "send again?" after going back, a repeat after a failover: the second request waits
for the first and is led to the same place, with the same words.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from shared_platform.sign_in.browser_sessions import add_notice
from shared_platform.transport.idempotency import IdempotencyClaim, KeptAnswer, answer_once
from shared_platform.workspace.forms import Filled, Model
from shared_platform.workspace.local_path import with_reader
from shared_platform.workspace.visit import Visit
from shared_schema.bilingual import Words
from shared_schema.instants import Instant

SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class Done:
    """What a form did: where its confirmation is, and the sentence that is shown there."""

    address: str
    notice: Words


async def submit_once(
    visit: Visit,
    sent: Filled[Model],
    act: Callable[[], Awaitable[Done]],
    *,
    session: AsyncSession,
    now: Instant,
) -> Response:
    """Run `act` for the form's key, once; lead the browser to where the confirmation is.

    What `act` refuses is undone alone, so the page may show the form again and the same key works.

    Raises:
        DomainError: `act` refused.
        IdempotencyKeyRefused: the form came without its hidden key.
        IdempotencyMismatch: the key belongs to a form with other content, which did its work.
    """
    pairs = [(name, text) for name, texts in sorted(sent.values.items()) for text in texts]
    content = urlencode(pairs).encode()
    form = ("POST", visit.request.url.path, content)
    claim = IdempotencyClaim.of(f"account:{visit.caller.id}", sent.key, request=form)

    async def kept() -> KeptAnswer:
        done = await act()
        body = json.dumps([done.address, *done.notice], ensure_ascii=False)
        return KeptAnswer(SEE_OTHER, body.encode())

    async with session.begin_nested():
        answer = await answer_once(session, claim, kept, now=now, waits=True)
    address, zh, en = json.loads(answer.body)
    await add_notice(session, visit.session.id, Words(zh, en))
    return see_other(with_reader(address, visit.reader))


def see_other(address: str) -> Response:
    """Lead the browser on by GET (RFC 9110 §15.4.4); the address is one of this service."""
    return RedirectResponse(address, SEE_OTHER, headers={"cache-control": "no-store"})
