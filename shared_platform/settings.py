"""The settings both services share: read once at start, frozen, passed in as a value.

Sources, the later ones win: the defaults below, a TOML file, the environment. A key nobody knows
is an error in both, since a misspelt limit would silently be the default. A service subclasses
`PlatformSettings` and names its prefix, such as `KAIXU_HUB_`.
"""

import difflib
import os
import re
import tomllib
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    FilePath,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from shared_platform.colours import readable_colour
from shared_platform.failpoint import Trap
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

MASK: Final = "******"
_SCHEMES: Final = ("postgresql://", "postgresql+asyncpg://", "postgres://")
_SOURCE: Final = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
_KIB: Final = 1024
_MIB: Final = 1024 * _KIB


class SettingsInvalid(DomainError):
    """The settings cannot be used; `errors` names each variable or key."""

    problem = ProblemType.SCHEMA_INVALID


def _database_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(_SCHEMES):
        raise ValueError("a PostgreSQL URL is needed, as in postgresql://user:password@host/name")
    return url


def _origin(url: str) -> str:
    if re.fullmatch(r"https?://[^/?#@\s]+(/[^?#\s]*)?", url) is None:
        raise ValueError("an http or https address without user, query and fragment is needed")
    return url.rstrip("/")


def _frame_sources(text: str) -> str:
    found = text.split()
    wrong = [one for one in found if one != "*" and _SOURCE.fullmatch(one) is None]
    if wrong or ("*" in found and len(found) > 1):
        raise ValueError("* alone, or addresses as https://portal.example, spaces between")
    return " ".join(found)


def _network(text: str) -> str:
    return str(ip_network(text))


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
PublicUrl = Annotated[str, AfterValidator(_origin)]
Proxy = Annotated[str, AfterValidator(_network)]
Port = Annotated[int, Field(ge=0, le=65_535)]
EmbedAncestors = Annotated[str, AfterValidator(_frame_sources)]
Colour = Annotated[str, AfterValidator(readable_colour)]


class PlatformSettings(
    BaseSettings, frozen=True, extra="forbid", hide_input_in_errors=True, env_prefix="KAIXU_"
):
    """What hub and node both need to know; each field's text becomes a row of the manual."""

    database_url: DatabaseUrl | None = Field(
        None,
        description="PostgreSQL 16 or newer, as postgresql://user:password@host/name. Unset: the"
        " embedded server in data_dir.",
    )
    data_dir: Path = Field(
        Path("kaixu-data"),
        description="Folder of what is kept on this machine: embedded database, log tiles, keys.",
    )
    embedded_account: str | None = Field(
        None,
        description="Account that runs the embedded database when started as root. Unset: postgres"
        " if it exists, otherwise nobody.",
    )
    embedded_start_seconds: PositiveFloat = Field(
        600.0,
        description="Seconds to wait for the embedded database; recovery after a crash can take"
        " minutes on a slow disk.",
    )
    database_pool_size: PositiveInt = Field(
        10, description="Connections each process keeps open; 20 processes stay below 200."
    )
    database_pool_overflow: NonNegativeInt = Field(
        10, description="Connections above the pool in a burst; closed again afterwards."
    )
    database_pool_timeout_seconds: PositiveFloat = Field(
        10.0, description="Seconds a request waits for a connection before it is refused."
    )
    database_lock_timeout_seconds: PositiveFloat = Field(
        5.0, description="Seconds a statement waits for a row or table lock before it fails."
    )
    database_behind_pgbouncer: bool = Field(
        default=False,
        description="True when database_url leads to PgBouncer in transaction mode: prepared"
        " statements are then neither cached nor named twice, and migrations need a direct URL.",
    )
    listen_host: str = Field(
        "127.0.0.1", description="Address to listen on; a proxy in front ends TLS."
    )
    listen_port: Port = Field(8800, description="Port to listen on; 0 takes any free one.")
    public_base_url: PublicUrl | None = Field(
        None,
        description="Address the world uses, as https://hub.example. Signatures cover it, so Host"
        " headers are never trusted. Unset: the address listened on.",
    )
    max_form_bytes: PositiveInt = Field(1 * _MIB, description="Bytes of a browser form.")
    max_header_bytes: PositiveInt = Field(
        16 * _KIB, description="Bytes of all header fields of a request."
    )
    max_header_fields: PositiveInt = Field(100, description="Header fields of a request.")
    max_url_bytes: PositiveInt = Field(4 * _KIB, description="Bytes of path and query.")
    request_seconds: PositiveFloat = Field(
        30.0, description="Seconds for a whole request, so that slow senders cannot hold a worker."
    )
    bulk_request_seconds: PositiveFloat = Field(
        120.0, description="The same for imports and bulk intake."
    )
    trusted_proxies: tuple[Proxy, ...] = Field(
        (),
        description='Networks of the proxies in front, as ["10.0.0.0/8"]: only of these is'
        " X-Forwarded-For believed when reads are counted. Without it all readers behind a proxy"
        " share one limit.",
    )
    read_limit: NonNegativeInt = Field(
        3_000,
        description="Look-ups, changes, pages and harvests that one address may ask of one process"
        " in a minute: 50 a second keeps a processor core free for others. 0: no limit.",
    )
    search_limit: NonNegativeInt = Field(
        600,
        description="The same for searches, facets and feeds, each some milliseconds of work; a"
        " whole campus may sit behind one address.",
    )
    export_limit: NonNegativeInt = Field(
        30, description="The same for tables and bulk files, each up to seconds and megabytes."
    )
    session_idle_minutes: PositiveInt = Field(
        30, description="Minutes after which a browser that does nothing is signed out."
    )
    session_hours: PositiveInt = Field(
        10, description="Hours after which everybody signs in again, however busy."
    )
    invitation_hours: PositiveInt = Field(
        72, description="Hours for which a link that invites somebody can be used."
    )
    second_factor: Literal["required", "optional"] = Field(
        "optional",
        description="Whether everybody needs a second factor to sign in, or who set one up.",
    )
    sign_in_tries_per_minute: PositiveInt = Field(
        30, description="Tries to sign in or to recover that one address has in a minute."
    )
    recovery_minutes: PositiveInt = Field(
        60, description="Minutes for which a link to choose another password can be used."
    )
    smtp_host: str = Field(
        "", description="Mail server that sends letters. Unset: they are files in data_dir/mail."
    )
    smtp_port: Port = Field(587, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection to the mail server is protected."
    )
    smtp_user: str | None = Field(None, description="Account at the mail server, if it needs one.")
    smtp_password: SecretStr | None = Field(None, description="Its password.")
    mail_from: str = Field(
        "Kaixu <postmaster@localhost>", description="Sender of letters, as a mail header has it."
    )
    oidc_issuer: PublicUrl | None = Field(
        None,
        description="OpenID Connect provider by which people may sign in, as https://id.example."
        " Unset: only passwords.",
    )
    oidc_client_id: str | None = Field(None, description="This service's name at the provider.")
    oidc_client_secret: SecretStr | None = Field(None, description="Its secret there.")
    oidc_name_zh: str = Field("统一身份认证", description="The provider on Chinese pages.")
    oidc_name_en: str = Field("single sign-on", description="The provider on English pages.")
    oidc_hosts_allowed: tuple[str, ...] = Field(
        (), description="Private hosts the provider may be on; all others must be public."
    )
    audit_days: int = Field(
        1_096,
        ge=180,
        le=36_500,
        description="Days the audit trail stays in the database; older months move into files in"
        " data_dir/audit. At least 180.",
    )
    dormancy_days: int = Field(
        0,
        ge=0,
        le=3_650,
        description="Days without a sign-in or a sent token after which an account is switched off;"
        " 0: never.",
    )
    contact_email: str = Field(
        "postmaster@localhost.localdomain",
        pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$",
        description="Whom harvesters and finders of weaknesses write to (OAI-PMH, security.txt).",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe message that is written."
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="json: one object a line, for collectors. console: for people."
    )
    accent_colour: Colour = Field(
        "#9c2b1f",
        description="Colour of the public pages, as #rrggbb; refused where WCAG 2.2 would find text"
        " in it hard to read. A lighter shade is made for dark screens.",
    )
    logo_file: FilePath | None = Field(
        None, description="SVG, PNG or WebP shown beside the service's name. Unset: the seal 许."
    )
    icp_record: str = Field(
        "", max_length=60, description="ICP 备案号, shown in the footer of public pages."
    )
    police_record: str = Field(
        "", max_length=60, description="公安备案号, shown in the footer of public pages."
    )
    public_contact: str = Field(
        "",
        max_length=200,
        description="Whom readers reach, in the footer and in the accessibility statement.",
    )
    embed_ancestors: EmbedAncestors = Field(
        "*",
        max_length=2000,
        description="Sites that may show /embed/ pages in a frame: * for any, or a list as"
        " https://portal.example https://*.example.edu.cn with spaces between; empty: no other"
        " site. All other pages refuse every frame.",
    )
    boards_file: FilePath | None = Field(
        None,
        description="TOML file of boards: saved searches with a title (docs/operations.md)."
        " Unset: the boards that come with the program.",
    )
    bulk_hours: PositiveFloat = Field(
        24.0,
        description="Hours after which the bulk file is written again if the catalogue has changed;"
        " sooner where the log has grown by a tenth.",
    )
    today: date | None = Field(
        None,
        description="Legal day to pretend, for rehearsals and demonstrations; never in production.",
    )
    drill: bool = Field(
        default=False,
        description="True on machines that may be killed at any moment: allows the two settings"
        " below. Never in production.",
    )
    failpoint: str | None = Field(
        None,
        description="Where this process fails, as name:nth:action with kill, kill_postgres or raise"
        " (docs/reliability.md); refused unless drill is true.",
    )
    clock_offset_seconds: float = Field(
        0.0, description="Seconds this clock is ahead of the machine's; only in a drill."
    )

    @field_validator("failpoint", "clock_offset_seconds")
    @classmethod
    def _only_in_a_drill(cls, value: str | float | None, info: ValidationInfo) -> object:
        if value and not info.data.get("drill"):
            raise ValueError("only where drill is true, which a service in use never is")
        if isinstance(value, str):
            Trap.read(value)
        return value

    @property
    def base_url(self) -> str:
        """The public address without a final slash; the address listened on when none is set."""
        if self.public_base_url is not None:
            return self.public_base_url
        host = f"[{self.listen_host}]" if ":" in self.listen_host else self.listen_host
        return f"http://{host}:{self.listen_port}"


AnySettings = TypeVar("AnySettings", bound=PlatformSettings)


def load_settings(kind: type[AnySettings], *, file: Path | None = None) -> AnySettings:
    """Read the settings of a service from `file` (TOML, trusted) and the environment above it.

    Raises:
        SettingsInvalid: a key or variable is unknown, a value is wrong, the file is unreadable.
    """
    known = set(kind.model_fields)
    values = _from_file(file) if file is not None else {}
    errors = [_unknown(f"/{key}", key, known) for key in values if key not in known]
    prefix = str(kind.model_config.get("env_prefix", ""))
    errors += [
        _unknown(variable, variable[len(prefix) :].lower(), known)
        for variable in sorted(os.environ)
        if variable.startswith(prefix) and variable[len(prefix) :].lower() not in known
    ]
    if errors:
        raise SettingsInvalid("有未知的设置项。 / There are unknown settings.", errors)
    try:
        return kind(**(values | EnvSettingsSource(kind)()))
    except ValidationError as error:
        raise SettingsInvalid(
            "设置项的值不对。 / A setting has a wrong value.",
            [
                FieldError(f"{prefix}{str(one['loc'][0]).upper()}", one["type"], one["msg"])
                for one in error.errors(include_input=False, include_url=False)
            ],
        ) from error


def shown_settings(settings: PlatformSettings) -> dict[str, str]:
    """Every setting with its value as text, secrets masked: what `--show-config` prints."""
    return {name: _shown(getattr(settings, name)) for name in type(settings).model_fields}


def settings_table(kind: type[PlatformSettings]) -> str:
    """The settings of a service as the Markdown table of the operations manual."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    rows = [
        f"| `{prefix}{name.upper()}` | {_default(field)} | {field.description or ''} |"
        for name, field in kind.model_fields.items()
    ]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows]) + "\n"


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsInvalid(f"读不了 {file}。 / {file} cannot be read: {error}") from error


def _unknown(pointer: str, key: str, known: set[str]) -> FieldError:
    near = difflib.get_close_matches(key, known, n=1)
    hint = (
        f"；是否指 {near[0]}？ / unknown; did you mean {near[0]}?" if near else " / unknown setting"
    )
    return FieldError(pointer, "setting.unknown", f"未知的设置项{hint}")


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return MASK
    return "" if value is None else str(value)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return "unset" if field.default is None else f"`{_shown(field.default)}`"
