"""How a command opens the hub, and as whom it acts there.

Who may run these commands may read the database, so no token is asked for; what is done is done in
the name of a staff account, with that account's permissions, and stands in the audit trail so.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.context import HubContext, open_hub
from main_platform.settings import HubSettings
from main_platform.staff.permissions import HUB_POLICY, Permission
from shared_platform.command_line import Output, run_command
from shared_platform.observability.logs import configure_logging
from shared_platform.service import ServiceContext
from shared_platform.settings import load_settings
from shared_platform.sign_in.access_policy import Caller, NotSignedIn
from shared_platform.sign_in.accounts import find_account
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.schema_errors import field_errors

As = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="以此账号的名义 / in this account's name")
]
Answer = tuple[dict[str, Any], str]
"""What a command says: facts for programs, text for people."""
Model = TypeVar("Model", bound=BaseModel)


class DatabaseUnreachable(DomainError):
    """The database does not answer, or not to us."""

    problem = ProblemType.MAINTENANCE


class SchemaUnfit(DomainError):
    """The tables are not what this program's migrations expect; nothing was changed."""

    problem = ProblemType.STATE_CONFLICT


class ArgumentsRefused(DomainError):
    """An argument is malformed; `errors` name it."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class Acting:
    """One command's transaction, and who acts in it."""

    hub: HubContext
    session: AsyncSession
    by: Caller
    now: Instant


def hub_settings(config: Path | None) -> HubSettings:
    """The hub's settings.

    Raises:
        SettingsInvalid: a setting is unknown or wrong.
    """
    return load_settings(HubSettings, file=config)


def with_hub(
    ctx: typer.Context, work: Callable[[HubContext], Awaitable[Answer]], *, as_json: bool
) -> dict[str, Any]:
    """Run `work` on the open hub, show its answer and return its facts.

    A refusal ends the command with its exit status.
    """
    output = Output(as_json)

    async def opened() -> dict[str, Any]:
        async with open_quietly(ctx.obj) as hub:
            facts, text = await work(hub)
        output.show(facts, text=text)
        return facts

    return run_command(opened, output=output)


def act_as(
    ctx: typer.Context,
    staff: tuple[str | None, Permission],
    work: Callable[[Acting], Awaitable[Answer]],
    *,
    as_json: bool,
) -> None:
    """Run `work` in one transaction as (account, permission needed); its answer follows the commit.

    Without the permission nothing is done: the command ends with the same refusal as the API.
    """

    async def acting(hub: HubContext) -> Answer:
        async with hub.service.database.sessions.begin() as session:
            by = await named_caller(session, staff[0], permission=staff[1])
            return await work(Acting(hub, session, by, hub.service.clock.now()))

    with_hub(ctx, acting, as_json=as_json)


async def named_caller(
    session: AsyncSession, name: str | None, *, permission: Permission
) -> Caller:
    """The account as a caller who may do this.

    Raises:
        NotSignedIn: no account was named, or it is switched off.
        AccountNotFound: there is none of that name.
        PermissionDenied: its roles do not grant the permission.
    """
    if name is None:
        raise NotSignedIn(detail="请用 --as NAME 指明账号 / name your account: --as NAME")
    account = await find_account(session, name)
    if not account.is_active:
        raise NotSignedIn(detail=f"账号 {name} 已停用 / the account is switched off")
    caller = Caller(account.id, account.name, account.roles)
    HUB_POLICY.require(caller, permission)
    return caller


def read_arguments(model: type[Model], **values: object) -> Model:
    """The arguments as the API's own body, held to the same rules.

    Raises:
        ArgumentsRefused: one of them does not fit.
    """
    try:
        return model.model_validate(values)
    except ValidationError as invalid:
        raise ArgumentsRefused(
            "参数格式不对 / an argument is malformed", field_errors(invalid, values)
        ) from invalid


@asynccontextmanager
async def open_for_command(settings: HubSettings) -> AsyncIterator[HubContext]:
    """The hub; what keeps it from opening is a refusal, so that it has an exit status.

    Raises:
        DatabaseUnreachable: the database cannot be opened.
        SchemaUnfit: its tables cannot be brought up to date.
    """
    async with AsyncExitStack() as stack:
        try:
            hub = await stack.enter_async_context(open_hub(settings))
        except (OSError, asyncpg.PostgresError) as error:
            raise DatabaseUnreachable(
                f"连不上数据库 / the database cannot be opened: {type(error).__name__}"
            ) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseUnreachable(
                    "数据库中断了连接 / the database broke off; start again"
                ) from error
            first = str(error.orig).partition("\n")[0]
            raise SchemaUnfit(
                f"数据库无法升级到本版本 / the tables cannot be brought up to date: {first}"
            ) from error
        yield hub


@asynccontextmanager
async def open_quietly(config: Path | None) -> AsyncIterator[HubContext]:
    """The hub, with logs for errors only: a command's answer is what it prints."""
    settings = hub_settings(config)
    configure_logging(level="error", form=settings.log_format)
    async with open_for_command(settings) as hub:
        yield hub


@asynccontextmanager
async def open_hub_service(config: Path | None) -> AsyncIterator[ServiceContext]:
    """The service context alone, for commands that hub and node share."""
    async with open_quietly(config) as hub:
        yield hub.service
