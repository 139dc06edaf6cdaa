"""A reader knows every key of the log from its anchor and the log alone."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.catalogue.log_position import read_position
from shared_platform.database.engine import Database
from shared_schema.checkpoint import Checkpoint
from shared_schema.log_handover import Handover, HandoverRefused
from shared_schema.log_keys import KeyHandover, prove_possession
from shared_schema.reader.command import main
from shared_schema.signed_note import VerifierKey, format_vkey, sign_note
from shared_schema.signing_key import SigningKey
from shared_schema.sync_refusals import CheckpointRefused
from tests.shared_platform.catalogue_copies import digest, empty, follow, make_tables, quarantined
from tests.shared_platform.hub_log_peer import ORIGIN, Federation, HubLog, Liar, a_number
from tests.shared_platform.served_log import Served, listening

SECOND = SigningKey.from_seed(b"2" * 32)
THIRD = SigningKey.from_seed(b"3" * 32)
STRANGER = SigningKey.from_seed(b"4" * 32)


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


@pytest.fixture
def federation() -> Federation:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    federation.offer(node, a_number(1))
    return federation


def change_twice(federation: Federation) -> HubLog:
    """Two whole changes of the log's key, with listings between; the first key means nothing."""
    for number, key in ((2, SECOND), (3, THIRD)):
        federation.hub.change_key(key)
        federation.offer("gz-exchange", a_number(number))
        federation.hub.retire_key()
        federation.offer("gz-exchange", a_number(number + 10))
    return federation.hub


@pytest.mark.parametrize("page", [1, 1_000])
async def test_a_fresh_copy_walks_from_the_first_anchor_to_the_latest_key(
    copy: Database, federation: Federation, page: int
) -> None:
    hub = change_twice(federation)

    report = await follow(copy, hub, page=page)

    assert (report.size, report.root) == (hub.size, hub.range.root())
    assert await quarantined(copy) == {}
    async with copy.sessions() as session:
        keys = await read_log_keys(session)
        assert (await read_position(session)).vouched.note == hub.note()
    assert [one.public for one in keys.at(hub.size)] == [THIRD.public]


async def test_a_copy_from_before_goes_on_and_equals_a_fresh_one(
    copy: Database, federation: Federation
) -> None:
    await follow(copy, federation.hub)
    federation.hub.change_key(SECOND)
    federation.offer("gz-exchange", a_number(2))
    await follow(copy, federation.hub)  # in the overlap: both have signed
    federation.hub.asked.clear()
    federation.hub.retire_key()
    await follow(copy, federation.hub)
    gone_on = await digest(copy)
    walked = [one for one in federation.hub.asked if one.startswith("handovers")]

    await empty(copy)
    await follow(copy, federation.hub)

    assert walked == []
    assert await digest(copy) == gone_on


async def test_a_run_that_was_cut_short_goes_on_under_the_later_key(
    copy: Database, federation: Federation
) -> None:
    hub = federation.hub
    await follow(copy, hub)
    hub.change_key(SECOND)
    held = Liar(hub, page=lambda entries: entries[:0])  # signed, not delivered yet
    with pytest.raises(Exception, match="not delivered"):
        await follow(copy, hub, source=held)
    hub.retire_key()

    assert (await follow(copy, hub)).size == hub.size


def test_the_auditors_command_walks_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], federation: Federation
) -> None:
    state = tmp_path / "state"
    with listening(Served(Liar(federation.hub)), tmp_path) as anchor:
        assert _run(anchor, "--state", str(state)) == 0
    hub = change_twice(federation)

    with listening(Served(Liar(hub)), tmp_path) as anchor:
        kept = _run(anchor, "--state", str(state), "--keep", str(tmp_path / "kept"))
        fresh = _run(anchor, "--keep", str(tmp_path / "whole"))
        again = _run(anchor, "--state", str(state))
    offline = _run(anchor, "--from-dir", str(tmp_path / "whole"))

    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (kept, fresh, again, offline) == (0, 0, 0, 0)
    assert {one["root"] for one in told[1:]} == {hub.range.root().hex()}


def _run(anchor: Path, *options: str) -> int:
    return main(["--anchor", str(anchor), "--json", "--tries", "1", *options])


def _signed_by_a_stranger(hub: HubLog, told: Handover) -> Handover:
    size = told.serial + 1
    return replace(told, note=hub.note(size, key=STRANGER))


def _of_another_log(hub: HubLog, told: Handover) -> Handover:
    root = hub.ranges[told.serial + 1].root()
    text = Checkpoint("another/log", told.serial + 1, root).text()
    return replace(told, note=sign_note(text, name=ORIGIN, key=hub.key))


def _before_the_entry(hub: HubLog, told: Handover) -> Handover:
    return replace(told, note=hub.note(told.serial, key=hub.key))


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (_signed_by_a_stranger, "handover.note.no_known_signature"),
        (_of_another_log, "handover.checkpoint.wrong_origin"),
        (_before_the_entry, "handover.not_covering"),
    ],
)
async def test_a_forged_handover_is_refused_and_nothing_is_stored(
    copy: Database,
    federation: Federation,
    forge: Callable[[HubLog, Handover], Handover],
    code: str,
) -> None:
    hub = federation.hub
    await follow(copy, hub)
    before = await digest(copy)
    change_twice(federation)
    liar = Liar(hub, walk=lambda listed: [forge(hub, one) for one in listed])

    with pytest.raises(HandoverRefused) as refused:
        await follow(copy, hub, source=liar)

    assert refused.value.code == code
    assert await digest(copy) == before


async def test_a_key_that_does_not_prove_possession_is_never_learnt(
    copy: Database, federation: Federation
) -> None:
    hub = federation.hub
    vkey = format_vkey(VerifierKey(ORIGIN, SECOND.public))
    by_another = prove_possession(KeyHandover("example.gd", ORIGIN, hub.key.key_id, vkey), STRANGER)
    serial = hub.change_key(SECOND, proof=by_another)
    hub.signers = [SECOND]
    federation.offer("gz-exchange", a_number(2))

    with pytest.raises(HandoverRefused) as refused:
        await follow(copy, hub)

    assert refused.value.code == "handover.entry"
    assert await quarantined(copy) == {serial: "directory_conflict"}


async def test_a_handover_that_the_new_key_has_not_signed_is_refused(
    copy: Database, federation: Federation
) -> None:
    hub = change_twice(federation)
    liar = Liar(
        hub,
        walk=lambda listed: [
            replace(one, note=hub.note(one.serial + 1, key=hub.key)) for one in listed
        ],
    )

    with pytest.raises(HandoverRefused) as refused:
        await follow(copy, hub, source=liar)

    assert refused.value.code == "handover.new_key"


async def test_a_retired_keys_later_checkpoint_is_refused(
    copy: Database, federation: Federation
) -> None:
    hub = change_twice(federation)
    await follow(copy, hub)
    before = await digest(copy)
    federation.offer("gz-exchange", a_number(9))

    for key in (hub.key, SECOND):
        with pytest.raises(CheckpointRefused) as refused:
            await follow(copy, hub, source=Liar(hub, note=partial(HubLog.note, key=key)))
        assert refused.value.code == "checkpoint.key_retired"
    assert await digest(copy) == before


async def test_a_retired_key_cannot_carry_a_reader_past_its_end(
    copy: Database, federation: Federation
) -> None:
    hub = change_twice(federation)

    with pytest.raises(CheckpointRefused) as refused:
        await follow(copy, hub, source=Liar(hub, note=lambda log: log.note(key=log.key)))

    assert refused.value.code == "checkpoint.key_retired"


async def test_a_strangers_checkpoint_is_refused_as_before(
    copy: Database, federation: Federation
) -> None:
    hub = federation.hub

    with pytest.raises(CheckpointRefused) as refused:
        await follow(copy, hub, source=Liar(hub, note=lambda log: log.note(key=STRANGER)))

    assert refused.value.code == "note.no_known_signature"
