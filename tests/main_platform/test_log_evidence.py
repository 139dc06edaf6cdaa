"""Statements served by their hash, and proofs of the log that a stranger checks."""

import httpx
import pytest

from shared_schema.checkpoint import open_checkpoint
from shared_schema.log_proof import verify_consistency, verify_inclusion
from shared_schema.merkle import leaf_hash
from shared_schema.proof_text import read_offline_proof, read_proof
from tests.main_platform.hub_log import Hub
from tests.main_platform.log_readers import (
    PROOFS,
    add_notices,
    checkpoint_of,
    code_of,
    log_hub,  # noqa: F401 - the fixture `hub`
    log_reader,  # noqa: F401 - the fixture `reader`
    page,
)


async def test_a_statement_is_served_by_its_hash_until_it_is_erased(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    (offered,) = hub.offers("gz-centre", 1)
    await hub.publish()
    address = f"/federation/v1/objects/sha256/{offered.last.object_hash}"
    found = await reader.get(address)
    held = await reader.get(address, headers={"if-none-match": found.headers["etag"]})
    hub.federation.erase(offered.last)
    await hub.publish()
    erased = await reader.get(address, headers={"if-none-match": found.headers["etag"]})

    assert found.content == offered.last.raw
    assert found.headers["cache-control"] == "public, no-cache"
    assert held.status_code == 304
    assert code_of(erased) == (410, "object_erased")
    assert (await page(reader, 2, bodies=1)).entries[0].object_bytes is None
    assert await hub.violations() == []


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("0" * 64, (404, "not_found")),
        ("0" * 63, (422, "schema_invalid")),
        ("A" * 64, (422, "schema_invalid")),
    ],
)
async def test_unknown_statements_are_refused(
    reader: httpx.AsyncClient, name: str, refused: tuple[int, str]
) -> None:
    assert code_of(await reader.get(f"/federation/v1/objects/sha256/{name}")) == refused


async def test_every_entry_is_proven_to_be_in_the_signed_log(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    await add_notices(hub, 300)
    anchor = hub.federation.hub.anchor
    leaves = await hub.leaves()

    for serial in (0, 1, 255, 256, 301):
        proof = read_offline_proof((await reader.get(f"{PROOFS}/entries/{serial}")).content)
        signed = open_checkpoint(
            proof.checkpoint, origin=anchor.log_origin, log_key=anchor.log_key()
        ).checkpoint
        verify_inclusion(
            proof.index,
            signed.size,
            leaf=leaf_hash(leaves[serial]),
            proof=proof.hashes,
            root=signed.root,
        )


async def test_an_entry_is_proven_to_be_in_an_earlier_log(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    await add_notices(hub, 270)
    earlier = await checkpoint_of(hub, reader)
    await add_notices(hub, 270)

    answer = await reader.get(f"{PROOFS}/entries/261?size={earlier.size}")

    verify_inclusion(
        261,
        earlier.size,
        leaf=leaf_hash((await hub.leaves())[261]),
        proof=read_proof(answer.content),
        root=earlier.root,
    )
    assert "immutable" in answer.headers["cache-control"]


async def test_growth_is_proven_between_any_two_sizes(hub: Hub, reader: httpx.AsyncClient) -> None:
    known = [await checkpoint_of(hub, reader)]
    for more in (1, 253, 1, 300):
        await add_notices(hub, more)
        known.append(await checkpoint_of(hub, reader))

    for first in known:
        for second in known[known.index(first) :]:
            asked = {"from": first.size, "to": second.size}
            answer = await reader.get(f"{PROOFS}/consistency", params=asked)
            verify_consistency(
                first.size,
                second.size,
                first_root=first.root,
                second_root=second.root,
                proof=read_proof(answer.content),
            )
    newest = await reader.get(f"{PROOFS}/consistency?from=2")
    assert newest.headers["cache-control"] == "public, max-age=1"
    assert read_proof(newest.content)


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ("entries/2", (422, "schema_invalid")),
        ("entries/1?size=1", (422, "schema_invalid")),
        ("entries/0?size=0", (422, "schema_invalid")),
        ("entries/0?size=3", (404, "not_found")),
        ("entries/-1", (422, "schema_invalid")),
        ("consistency?from=0", (422, "schema_invalid")),
        ("consistency?from=2&to=1", (422, "schema_invalid")),
        ("consistency?from=1&to=3", (404, "not_found")),
        ("consistency", (422, "schema_invalid")),
    ],
)
async def test_proofs_about_nothing_are_refused(
    reader: httpx.AsyncClient, asked: str, refused: tuple[int, str]
) -> None:
    assert code_of(await reader.get(f"{PROOFS}/{asked}")) == refused
