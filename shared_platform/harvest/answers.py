"""The answers to the six verbs (OAI-PMH 2.0 §4), read from the changes of this copy."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from lxml import etree

from shared_platform.catalogue.changes import (
    Changed,
    Place,
    read_change,
    read_changes,
    shown_between,
    size_before,
)
from shared_platform.database.lending import DriverConnection
from shared_platform.harvest.protocol import (
    OAI,
    Harvest,
    OaiError,
    OaiRequest,
    known_prefix,
    read_bounds,
    resume_sets,
    sets_token,
    well_formed_set,
)
from shared_platform.harvest.records import KAIXU, OAI_DC, Element, metadata, oai, set_specs
from shared_platform.harvest.sets import ListedSet
from shared_schema.instants import Instant, format_instant, whole_second

PAGE: Final = 100
SETS: Final = 500  # on one page of their list
_NO_RECORD: Final = "没有此记录 / there is no such record"
_PAST: Final = 2**31  # beyond every listing that one entry changed
_LOOK: Final = 500  # listings looked at in one statement while a set is sought
_SETTLED: Final = timedelta(seconds=60)  # a change committed is shown well within
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_NAMES: Final[dict[str | None, str]] = {None: OAI, "xsi": _XSI}
_LOCATION: Final = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"


@dataclass(frozen=True, slots=True)
class Repository:
    """Who answers. `host` stands in identifiers, `base` is the public address."""

    name: str
    base: str
    host: str
    contact: str
    sets: Sequence[ListedSet]

    @property
    def address(self) -> str:
        """The base URL of the protocol."""
        return f"{self.base}/oai"

    def identifier(self, listing: UUID) -> str:
        """The permanent identifier of a listing (oai-identifier guidelines)."""
        return f"oai:{self.host}:{listing}"

    def listing_of(self, identifier: str) -> UUID:
        """The listing that an identifier names.

        Raises:
            OaiError: `idDoesNotExist`.
        """
        prefix = f"oai:{self.host}:"
        text = identifier.removeprefix(prefix) if identifier.startswith(prefix) else ""
        try:
            return UUID(text)
        except ValueError:
            raise OaiError("idDoesNotExist", _NO_RECORD) from None


async def answer(
    connection: DriverConnection,
    given: Sequence[tuple[str, str]],
    repository: Repository,
    *,
    now: Instant,
) -> bytes:
    """The document that answers a request; the protocol's errors are answers too."""
    first, latest = await shown_between(connection)
    # Harvesters go on from this date: it is never later than what is shown by now.
    stand = max(latest or now - _SETTLED, now - _SETTLED)
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap=_NAMES)  # type: ignore[arg-type]  # the stub forgets None
    root.set(f"{{{_XSI}}}schemaLocation", _LOCATION)
    root.append(oai("responseDate", format_instant(whole_second(min(stand, now)))))
    told = oai("request", repository.address)
    root.append(told)
    try:
        request = OaiRequest.read(given)
        for name, value in [("verb", request.verb), *request.arguments.items()]:
            told.set(name, value)
        asked = _Asked(connection, repository, request, now.date(), first or now)
        body = oai(request.verb)
        async for element in _VERBS[request.verb](asked):
            body.append(element)
        root.append(body)
    except OaiError as error:
        if error.code in {"badVerb", "badArgument"}:
            told.attrib.clear()
        root.append(oai("error", error.message, code=error.code))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


@dataclass(frozen=True, slots=True)
class _Asked:
    connection: DriverConnection
    repository: Repository
    request: OaiRequest
    today: date
    earliest: Instant


async def _identify(asked: _Asked) -> AsyncIterator[Element]:
    yield oai("repositoryName", asked.repository.name)
    yield oai("baseURL", asked.repository.address)
    yield oai("protocolVersion", "2.0")
    yield oai("adminEmail", asked.repository.contact)
    yield oai("earliestDatestamp", format_instant(whole_second(asked.earliest)))
    yield oai("deletedRecord", "persistent")
    yield oai("granularity", "YYYY-MM-DDThh:mm:ssZ")


async def _list_formats(asked: _Asked) -> AsyncIterator[Element]:
    identifier = asked.request.arguments.get("identifier")
    if identifier is not None:
        await _find(asked, identifier)
    for prefix, schema, namespace in (
        ("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC),
        ("kaixu", f"{asked.repository.base}/oai/public-listing.xsd", KAIXU),
    ):
        listed = oai("metadataFormat")
        listed.append(oai("metadataPrefix", prefix))
        listed.append(oai("schema", schema))
        listed.append(oai("metadataNamespace", namespace))
        yield listed


async def _list_sets(asked: _Asked) -> AsyncIterator[Element]:
    token = asked.request.arguments.get("resumptionToken")
    after = "" if token is None else resume_sets(token)
    rest = [one for one in asked.repository.sets if one.spec > after]
    for one in rest[:SETS]:
        listed = oai("set")
        listed.append(oai("setSpec", one.spec))
        listed.append(oai("setName", one.name))
        yield listed
    if len(rest) > SETS:
        yield oai("resumptionToken", sets_token(rest[SETS - 1].spec))
    elif token is not None:
        yield oai("resumptionToken")


async def _get_record(asked: _Asked) -> AsyncIterator[Element]:
    prefix = known_prefix(asked.request.arguments["metadataPrefix"])
    found = await _find(asked, asked.request.arguments["identifier"])
    yield _record(asked.repository, found, prefix)


async def _list_identifiers(asked: _Asked) -> AsyncIterator[Element]:
    async for element in _listed(asked, headers_only=True):
        yield element


async def _list_records(asked: _Asked) -> AsyncIterator[Element]:
    async for element in _listed(asked, headers_only=False):
        yield element


async def _listed(asked: _Asked, *, headers_only: bool) -> AsyncIterator[Element]:
    """A page of records or headers, and the token of the rest (§3.5).

    Raises:
        OaiError: nothing matches.
    """
    harvest = await _harvest(asked)
    found, rest = await _page(asked, harvest)
    is_resumed = "resumptionToken" in asked.request.arguments
    if not found and not is_resumed:
        raise OaiError("noRecordsMatch", "没有符合条件的记录 / nothing matches")
    for changed in found:
        shown = orjson.loads(changed.body)
        yield (
            _header(asked.repository, changed, shown)
            if headers_only
            else _record(asked.repository, changed, harvest.prefix)
        )
    if rest is not None or is_resumed:
        yield oai("resumptionToken", None if rest is None else harvest.from_place(rest).token())


async def _harvest(asked: _Asked) -> Harvest:
    arguments = asked.request.arguments
    token = arguments.get("resumptionToken")
    if token is not None:
        return Harvest.resume(token)
    since, until = read_bounds(arguments)
    wanted = arguments.get("set")
    after = (
        Place() if since is None else Place(await size_before(asked.connection, since) - 1, _PAST)
    )
    harvest = Harvest(
        known_prefix(arguments["metadataPrefix"]),
        "" if wanted is None else well_formed_set(wanted),
        after,
    )
    if until is None:
        return harvest
    before = await size_before(asked.connection, until)
    return Harvest(harvest.prefix, harvest.set_spec, after, before)


async def _page(asked: _Asked, harvest: Harvest) -> tuple[list[Changed], Place | None]:
    """Up to a page of the listings that belong to the set, and the place of the rest."""
    found: list[Changed] = []
    after = harvest.after
    while True:
        looked = await read_changes(
            asked.connection,
            after,
            limit=_LOOK if harvest.set_spec else PAGE,
            today=asked.today,
            before=harvest.before,
        )
        for changed in looked.listings:
            if len(found) == PAGE:
                return found, found[-1].place
            if not harvest.set_spec or harvest.set_spec in set_specs(orjson.loads(changed.body)):
                found.append(changed)
        if looked.is_last:
            return found, None
        after = looked.next
        if len(found) == PAGE:
            return found, after


async def _find(asked: _Asked, identifier: str) -> Changed:
    listing = asked.repository.listing_of(identifier)
    found = await read_change(asked.connection, listing, today=asked.today)
    if found is None:
        raise OaiError("idDoesNotExist", _NO_RECORD)
    return found


def _record(repository: Repository, changed: Changed, prefix: str) -> Element:
    shown: dict[str, Any] = orjson.loads(changed.body)
    record = oai("record")
    record.append(_header(repository, changed, shown))
    if changed.state != "withdrawn":
        page = f"{repository.base}/listings/{changed.listing}"
        holder = oai("metadata")
        holder.append(metadata(shown, prefix, page=page))
        record.append(holder)
    return record


def _header(repository: Repository, changed: Changed, shown: dict[str, Any]) -> Element:
    header = oai("header")
    if changed.state == "withdrawn":
        header.set("status", "deleted")
    header.append(oai("identifier", repository.identifier(changed.listing)))
    header.append(oai("datestamp", format_instant(whole_second(changed.at))))
    for spec in set_specs(shown):
        header.append(oai("setSpec", spec))
    return header


_VERBS: Final = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
}
