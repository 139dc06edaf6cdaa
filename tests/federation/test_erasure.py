"""A person is erased everywhere: no table and no file holds the name, and every proof stands."""

import base64
import subprocess
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from sqlalchemy import URL

from deploy.drill.services import eventually
from shared_platform.database.engine import build_engine, sessions_of
from shared_platform.settings import PlatformSettings
from shared_schema.merkle import CompactRange, leaf_hash
from tests.dumped_words import words_found, words_in_files
from tests.federation.desks import (
    approve,
    change,
    check_and_recommend,
    decide,
    declaration_of,
    everywhere,
    is_public,
    offer,
    reaches,
    review_of,
    withdraw,
)
from tests.federation.federation import HUB, MANAGER, SECOND_MANAGER, Federation
from tests.subplatform.node_builders import a_number
from tests.test_second_implementation import NODE, READER

pytestmark = pytest.mark.timeout(240)
PERSON, PHONE = "赵小燕", "13987650001"
REASON = ("--reason", "data_subject_request")
_COMMITTED = (
    "no_exclusive_licence",
    "keep_right_valid",
    "file_every_licence",
    "withdraw_on_transfer",
)
OF_THE_PERSON: dict[str, Any] = {
    "holders": [{"name": PERSON, "kind": "individual"}],
    "contact": {"name": PERSON, "phone": PHONE, "email": "xiaoyan.zhao@example.cn"},
    "commitments": [
        {
            "code": code,
            "text_version": "2022-1",
            "signer": PERSON,
            "signed_at": "2023-05-30T08:00:00Z",
        }
        for code in _COMMITTED
    ],
}


@pytest.fixture(autouse=True)
async def nobody_fails(federation: Federation) -> AsyncIterator[None]:
    yield
    for one in federation.services:
        assert one.failures() == []


async def held(federation: Federation) -> Mapping[str, set[str]]:
    """By service, where any table or file still holds the person's name or number."""
    found = {name: await _held_at(url) for name, url in federation.databases.items()}
    for one in federation.services:
        found[one.place.name] |= set(words_in_files(one.place.folder, [PERSON, PHONE]))
    return found


async def _held_at(url: URL) -> set[str]:
    engine = build_engine(url, PlatformSettings(), application_name="test-dump")
    try:
        async with sessions_of(engine)() as session:
            return set(await words_found(session, [PERSON, PHONE]))
    finally:
        await engine.dispose()


async def second_reader(federation: Federation) -> str:
    """What the reader in JavaScript says of the whole log."""
    if NODE is None:
        pytest.skip("node is not installed")
    anchor = federation.hub.place.folder / "anchor.json"
    ran = subprocess.run(  # noqa: ASYNC221 - the services are other processes
        [NODE, str(READER), str(anchor)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


async def root_of_first(federation: Federation, size: int) -> str:
    """The root of the log's first entries, recomputed from their bytes."""
    page = await federation.hub.told("GET", f"/federation/v1/log/entries?from=0&limit={size}")
    leaves = [base64.b64decode(one["entry"]) for one in page["entries"]]
    return CompactRange().extend(map(leaf_hash, leaves))[0].root().hex()


async def published_and_withdrawn(federation: Federation) -> str:
    """The person's listing, after its public life."""
    node, hub = federation.guangdong, federation.hub
    listing = await offer(node, a_number(1, year=2018), **OF_THE_PERSON)
    await approve(hub, listing)
    await everywhere(federation, listing, state="published")
    await withdraw(node, listing)
    await everywhere(federation, listing, state="withdrawn")
    await reaches(node, listing, "withdrawn")
    return listing


async def test_a_person_is_erased_from_hub_and_nodes_and_the_whole_log_still_proves(
    federation: Federation,
) -> None:
    node, hub = federation.guangdong, federation.hub
    listing = await published_and_withdrawn(federation)
    size = await federation.level()
    root = await root_of_first(federation, size)
    await hub.run("snapshot")
    before = await held(federation)
    assert {where.partition("/")[0] for where in before[HUB]} >= {"snapshots", "search"}
    assert all(any(one.startswith("search/") for one in places) for places in before.values())

    asked = (await node.run("erase", listing, *REASON)).answer
    proposed = await hub.run("erase", "propose", listing, *REASON, "--as", MANAGER)
    assert proposed.answer["erasure"] == asked["erasure"]
    await hub.run("erase", "confirm", asked["erasure"], "--as", SECOND_MANAGER)

    async def nowhere() -> bool:
        return not any((await held(federation)).values())

    await eventually("nothing holds the person", nowhere, seconds=60)
    await federation.level()
    await federation.agree()
    await federation.proven()
    assert await root_of_first(federation, size) == root
    await second_reader(federation)
    assert (await hub.run("snapshot")).answer["size"] > size
    assert not any((await held(federation)).values())
    shown = await is_public(hub, listing, state="withdrawn")
    assert shown["items"] is None
    for one in federation.services:
        page = await one.ask("GET", f"/listings/{listing}")
        assert page.status_code == 200
        assert PERSON[0] not in page.text
    mine = await reaches(node, listing, "withdrawn")
    assert mine["source"] == {"kind": "erased"}


async def test_only_the_returned_version_that_named_the_person_is_erased(
    federation: Federation,
) -> None:
    node, hub = federation.guangdong, federation.hub
    listing = await offer(node, a_number(2, year=2018), contact=OF_THE_PERSON["contact"])
    await decide(hub, await review_of(hub, listing), "return", code="contact_unreachable")
    await reaches(node, listing, "correction")
    await change(node, listing, contact={"name": "许可办公室", "phone": "020-87654321"})
    await check_and_recommend(node, listing)
    await approve(hub, listing)
    await everywhere(federation, listing, state="published", version=2)
    before = await reaches(node, listing, "published")
    proposed = await hub.run("erase", "propose", listing, *REASON, "--as", MANAGER)

    await hub.run("erase", "confirm", proposed.answer["erasure"], "--as", SECOND_MANAGER)

    async def nowhere() -> bool:
        return not any((await held(federation)).values())

    await eventually("nothing holds the person", nowhere, seconds=60)
    assert (proposed.answer["extent"], proposed.answer["versions"]) == ("before_live", [1])
    assert await declaration_of(node, listing) == before
    await is_public(hub, listing, state="published", version=2)
    await federation.proven()
