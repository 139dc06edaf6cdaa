"""The portal keys on the command line, for whoever runs the service's machine.

Who may run these commands may read the database; so they need no token, and the audit trail names
the console and the account of the operating system.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.command_line import AsJson, Output, run_command
from shared_platform.portal_keys.keys import (
    ShownKey,
    WantedKey,
    add_key,
    list_keys,
    revoke_key,
)
from shared_platform.service import ServiceContext
from shared_platform.sign_in.commands import console_actor
from shared_schema.instants import Instant, format_instant, legal_day

SHOWN_DAYS: Final = 30
DEFAULT_TIMES: Final = 10
Name = Annotated[str, typer.Argument(help="门户名称 / name of the portal")]
Contact = Annotated[str, typer.Option("--contact", help="出问题时联系谁 / whom to tell")]
Times = Annotated[
    int, typer.Option("--times", help="限额为匿名读者的几倍 / limits, in those of an address")
]
Days = Annotated[
    int | None,
    typer.Option("--days", help="有效天数；不写则直到吊销 / days it holds; none: for good"),
]
Answer = tuple[dict[str, Any], str]
Work = Callable[[AsyncSession, ServiceContext], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class PortalKeySetup:
    """What a service tells about its portal keys: how it opens, and its acts."""

    open_service: Callable[[Path | None], AbstractAsyncContextManager[ServiceContext]]
    added: StrEnum
    revoked: StrEnum


def portal_key_commands(setup: PortalKeySetup) -> typer.Typer:
    """The commands `add`, `list` and `revoke`."""
    app = typer.Typer(no_args_is_help=True, help="门户密钥 / keys of portals")
    _add_add(app, setup)
    _add_list(app, setup)
    _add_revoke(app, setup)
    return app


def _add_add(app: typer.Typer, setup: PortalKeySetup) -> None:
    @app.command("add")
    def add(
        ctx: typer.Context,
        name: Name,
        *,
        contact: Contact,
        times: Times = DEFAULT_TIMES,
        days: Days = None,
        as_json: AsJson = False,
    ) -> None:
        """发放一把密钥，只显示一次。 / Issue a key; it is shown once.

        例 example: portal-key add city-portal --contact ops@city.example --times 20 --days 365
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            now = opened.clock.now()
            ends = None if days is None else now + timedelta(days=days)
            wanted = WantedKey(name, contact, times, ends)
            token = await add_key(session, wanted, ids=opened.ids, now=now)
            facts = {"times": times, "expires_at": _text(ends)}
            await _record(session, opened, setup.added, name=name, facts=facts)
            text = (
                f"{name}  ×{times}\n{token}\n（密钥只显示这一次；用法：Authorization: Bearer …"
                " / shown once; send it as Authorization: Bearer …）"
            )
            return {"name": name, "key": token, **facts}, text

        _run(ctx, setup, work, as_json=as_json)


def _add_list(app: typer.Typer, setup: PortalKeySetup) -> None:
    @app.command("list")
    def list_all(ctx: typer.Context, *, as_json: AsJson = False) -> None:
        """列出密钥与近三十天的用量。 / List keys and their use in the last thirty days.

        例 example: portal-key list --json
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            now = opened.clock.now()
            since = legal_day(now) - timedelta(days=SHOWN_DAYS)
            keys = await list_keys(session, since=since)
            lines = [_line(key, now) for key in keys]
            text = "\n".join(lines) or "还没有门户密钥；用 add 发放 / no portal keys yet; use add"
            return {"keys": [_facts(key) for key in keys], "use_since": str(since)}, text

        _run(ctx, setup, work, as_json=as_json)


def _add_revoke(app: typer.Typer, setup: PortalKeySetup) -> None:
    @app.command("revoke")
    def revoke(ctx: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
        """吊销密钥，一秒内处处生效。 / Revoke a key; it holds everywhere within a second.

        例 example: portal-key revoke city-portal
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            since = await revoke_key(session, name, now=opened.clock.now())
            await _record(session, opened, setup.revoked, name=name, facts={})
            text = f"{name}：已吊销 / revoked {format_instant(since)}"
            return {"name": name, "revoked_at": format_instant(since)}, text

        _run(ctx, setup, work, as_json=as_json)


async def _record(
    session: AsyncSession,
    opened: ServiceContext,
    act: StrEnum,
    *,
    name: str,
    facts: dict[str, Any],
) -> None:
    done = Record(act, Subject("portal_key", name), console_actor(), facts)
    await record(session, done, now=opened.clock.now())


def _run(ctx: typer.Context, setup: PortalKeySetup, work: Work, *, as_json: bool) -> None:
    output = Output(as_json)

    async def opened_work() -> None:
        async with (
            setup.open_service(ctx.obj) as opened,
            opened.database.sessions.begin() as session,
        ):
            facts, text = await work(session, opened)
        output.show(facts, text=text)  # only now: a key must not be shown that never was

    run_command(opened_work, output=output)


def _facts(key: ShownKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "contact": key.contact,
        "times": key.times,
        "created_at": format_instant(key.created_at),
        "expires_at": _text(key.expires_at),
        "revoked_at": _text(key.revoked_at),
        "granted": key.granted,
        "refused": key.refused,
    }


def _line(key: ShownKey, now: Instant) -> str:
    state = "有效 valid"
    if key.revoked_at is not None:
        state = "已吊销 revoked"
    elif key.expires_at is not None and key.expires_at <= now:
        state = "已过期 expired"
    return (
        f"{key.name}  {state}  ×{key.times}  {key.contact}"
        f"  {SHOWN_DAYS} 天 days: {key.granted}（超限 over the limit {key.refused}）"
    )


def _text(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
