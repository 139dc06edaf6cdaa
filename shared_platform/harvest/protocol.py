"""Requests of OAI-PMH 2.0: verbs, their arguments, and the protocol's own errors (§3.6, §4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final, Self

from shared_platform.catalogue.changes import Place
from shared_schema.instants import Instant, parse_instant

OAI: Final = "http://www.openarchives.org/OAI/2.0/"
PREFIXES: Final = ("oai_dc", "kaixu")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SECOND: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_SET: Final = re.compile(r"[a-z_]+(:[A-Za-z0-9\-]+)*")
_TOKEN_PARTS: Final = 5
_NO_BOUND: Final = 2**62
_BEGINNING: Final = Place()
_DOMAIN: Final = b"kaixu-oai-token/1\x00"
_CHECK_DIGITS: Final = 16

# For each verb its required and its optional arguments (§4); a token stands alone.
_ARGUMENTS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    "ListIdentifiers": (
        frozenset({"metadataPrefix"}),
        frozenset({"from", "until", "set", "resumptionToken"}),
    ),
    "ListRecords": (
        frozenset({"metadataPrefix"}),
        frozenset({"from", "until", "set", "resumptionToken"}),
    ),
}


class OaiError(Exception):
    """A refusal in the protocol's own terms; answered with status 200 (§3.6)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class OaiRequest:
    """A request whose verb and arguments belong together."""

    verb: str
    arguments: Mapping[str, str]

    @classmethod
    def read(cls, given: Sequence[tuple[str, str]]) -> Self:
        """The request in the parameters as they came.

        Raises:
            OaiError: `badVerb` or `badArgument`.
        """
        verbs = [value for name, value in given if name == "verb"]
        if len(verbs) != 1 or verbs[0] not in _ARGUMENTS:
            raise OaiError("badVerb", "verb 缺失、重复或未知 / missing, repeated or unknown verb")
        arguments = {name: value for name, value in given if name != "verb"}
        if len(arguments) != len(given) - 1:
            raise OaiError("badArgument", "参数重复 / an argument is repeated")
        _check_arguments(verbs[0], arguments)
        return cls(verbs[0], arguments)


def _check_arguments(verb: str, arguments: Mapping[str, str]) -> None:
    required, optional = _ARGUMENTS[verb]
    unknown = arguments.keys() - required - optional
    if unknown:
        names = ", ".join(sorted(unknown))
        raise OaiError("badArgument", f"{verb} 不接受 / does not take: {names}")
    if "resumptionToken" in arguments:
        if len(arguments) > 1:
            raise OaiError("badArgument", "resumptionToken 须单独使用 / it must stand alone")
        return
    missing = required - arguments.keys()
    if missing:
        names = ", ".join(sorted(missing))
        raise OaiError("badArgument", f"{verb} 缺少 / lacks: {names}")


@dataclass(frozen=True, slots=True)
class Harvest:
    """A list being harvested: what of it, and from where on.

    `before` bounds the serials for requests with `until`; without one the list goes on to the end,
    so what changes meanwhile is met there.
    """

    prefix: str
    set_spec: str = ""
    after: Place = _BEGINNING
    before: int = _NO_BOUND

    def from_place(self, after: Place) -> Self:
        """The rest of the list."""
        return replace(self, after=after)

    def token(self) -> str:
        """The resumption token of the rest. It names a place in the log, so it never expires."""
        parts = (
            self.prefix,
            self.set_spec,
            str(self.after.serial + 1),
            str(self.after.first_serial),
            str(self.before),
        )
        text = "~".join(parts)
        return f"{text}~{_check(text)}"

    @classmethod
    def resume(cls, token: str) -> Self:
        """The rest of a list.

        Raises:
            OaiError: `badResumptionToken`.
        """
        text, _, check = token.rpartition("~")
        parts = text.split("~")
        if len(parts) != _TOKEN_PARTS or check != _check(text):
            raise OaiError("badResumptionToken", "续传标记无效 / the token is not of this list")
        prefix, set_spec, serial, first_serial, before = parts
        return cls(prefix, set_spec, Place(int(serial) - 1, int(first_serial)), int(before))


def sets_token(last: str) -> str:
    """The resumption token of the sets after this one; it names a set, so it never expires."""
    return f"sets~{last}~{_check(last)}"


def resume_sets(token: str) -> str:
    """The last set that was listed.

    Raises:
        OaiError: `badResumptionToken`.
    """
    last, _, check = token.removeprefix("sets~").rpartition("~")
    if token != sets_token(last) or check != _check(last):
        raise OaiError("badResumptionToken", "续传标记无效 / the token is not of this list")
    return last


def _check(text: str) -> str:
    """Nothing secret: it tells a cut or made-up token from one of ours."""
    return sha256(_DOMAIN + text.encode("utf-8", "replace")).hexdigest()[:_CHECK_DIGITS]


def known_prefix(prefix: str) -> str:
    """The prefix itself.

    Raises:
        OaiError: `cannotDisseminateFormat`.
    """
    if prefix not in PREFIXES:
        message = f"没有此格式；可用 / no such format; there are: {', '.join(PREFIXES)}"
        raise OaiError("cannotDisseminateFormat", message)
    return prefix


def well_formed_set(set_spec: str) -> str:
    """The set's name itself.

    Raises:
        OaiError: `badArgument`.
    """
    if not _SET.fullmatch(set_spec):
        raise OaiError("badArgument", "set 格式不符 / the set's name is malformed")
    return set_spec


def read_bounds(arguments: Mapping[str, str]) -> tuple[Instant | None, Instant | None]:
    """`from`, and the instant before which a listing must have changed (`until` is included).

    Raises:
        OaiError: `badArgument`: malformed, of two granularities, or the wrong way round (§2.7.1).
    """
    since, until = arguments.get("from"), arguments.get("until")
    if since and until and len(since) != len(until):
        raise OaiError("badArgument", "from 与 until 粒度不同 / their granularities differ")
    first = None if since is None else _instant(since)
    last = None if until is None else _instant(until) + _length(until)
    if first and last and first >= last:
        raise OaiError("badArgument", "from 晚于 until / from is later than until")
    return first, last


def _instant(text: str) -> Instant:
    try:
        if _DAY.fullmatch(text):
            return parse_instant(f"{text}T00:00:00Z")
        if _SECOND.fullmatch(text):
            return parse_instant(text)
    except ValueError:
        pass
    message = "时间须为 YYYY-MM-DD 或 YYYY-MM-DDThh:mm:ssZ / a UTC day or second is needed"
    raise OaiError("badArgument", message)


def _length(text: str) -> timedelta:
    return timedelta(days=1) if _DAY.fullmatch(text) else timedelta(seconds=1)
