"""The index is a projection: whatever happened, it equals one made from nothing."""

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_platform.catalogue.rebuild import rebuild_projection
from shared_platform.database.engine import Database
from shared_platform.search.digest import index_digest
from shared_platform.search.fields import TEXTS
from shared_platform.search.follow import IndexMoved
from shared_platform.search.index import Generation, IndexBeingMade, IndexFolder
from tests.shared_platform.catalogue_copies import empty, follow, make_tables
from tests.shared_platform.hub_log_peer import Offered, a_number
from tests.shared_platform.search_places import Library
from tests.shared_schema.offers import a_declaration, paying

EVENTS = ("offer", "again", "withdraw", "suspend", "resume", "erase", "level")


@pytest.fixture
async def database(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


class History:
    """Random things that happen to a library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.offers: list[Offered] = []

    async def happen(self, what: str, which: int) -> None:
        if what == "level":
            await self.library.level()
        elif what == "offer" or not self.offers:
            title = f"装置 {which % 5} 号"
            self.offers.append(self.library.offer(a_number(which), title))
        else:
            self._change(what, self.offers[which % len(self.offers)], which)

    def _change(self, what: str, offered: Offered, which: int) -> None:
        federation = self.library.federation
        match what:
            case "again":
                terms = paying({"mode": "lump_sum", "amount_fen": 100 * which})
                patent = {"application_number": offered.number, "kind": "invention", "title": "新"}
                federation.offer_again(offered, declaration=a_declaration(patent=patent, **terms))
            case "withdraw" | "suspend" | "resume":
                federation.change(offered, what)
            case _:
                federation.erase(offered.versions[-1])


def digest_of(library: Library) -> str:
    return index_digest(library.searching.opened())


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 50)), max_size=25))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_after_any_history_it_equals_one_made_from_nothing(
    database: Database, tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, int]]
) -> None:
    await empty(database)
    library = Library.at(database, tmp_path_factory.mktemp("index"))
    told = History(library)
    for what, which in history:
        await told.happen(what, which)
    await library.level()
    followed = digest_of(library)

    await library.keeper.rebuild()

    assert digest_of(library) == followed


async def test_level_again_costs_nothing_and_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    library = Library.at(database, tmp_path)
    library.offer(a_number(1), "装置")

    assert (await library.level(), await library.keeper.bring_level()) == (1, 0)


async def test_only_what_changed_is_indexed(database: Database, tmp_path: Path) -> None:
    library = Library.at(database, tmp_path)
    offers = [library.offer(a_number(at), "装置") for at in range(10)]
    await library.level()
    library.federation.change(offers[3], "withdraw")

    assert await library.level() == 1
    assert library.find("装置").total == 9


async def test_an_index_of_another_log_is_made_again(database: Database, tmp_path: Path) -> None:
    before = Library.at(database, tmp_path)
    for at in range(3):
        before.offer(a_number(at), "旧")
    await before.level()
    await empty(database)
    after = Library.at(database, tmp_path)
    after.offer(a_number(7), "新")
    await after.level()

    assert (after.find("旧").total, after.find("新").total) == (0, 1)


async def test_a_projection_made_anew_is_indexed_anew(database: Database, tmp_path: Path) -> None:
    library = Library.at(database, tmp_path)
    library.offer(a_number(1), "装置")
    await library.level()
    async with database.sessions.begin() as session:
        await rebuild_projection(session)

    assert await library.keeper.bring_level() == 1


@pytest.mark.parametrize("harm", ["lost", "cut", "other_version", "pointer"])
async def test_a_damaged_index_is_made_again(database: Database, tmp_path: Path, harm: str) -> None:
    library = Library.at(database, tmp_path)
    library.offer(a_number(1), "装置")
    await library.level()
    folder = IndexFolder(tmp_path).current()
    assert folder is not None
    match harm:
        case "lost":
            (folder / "reached.json").unlink()
        case "cut":
            (folder / "reached.json").write_bytes(b'{"size":')
        case "other_version":
            (folder / "reached.json").write_bytes(b'{"size":1,"touched":0,"log":"","version":0}')
        case _:
            (tmp_path / "current").write_text("../elsewhere")

    restarted = Library.at(database, tmp_path)

    assert await restarted.keeper.bring_level() == 1
    assert restarted.find("装置").total == 1


async def test_an_interrupted_making_leaves_the_current_one_and_is_swept(
    database: Database, tmp_path: Path
) -> None:
    library = Library.at(database, tmp_path)
    library.offer(a_number(1), "装置")
    await library.level()
    IndexFolder(tmp_path).fresh()  # begun, never adopted

    assert library.find("装置").total == 1
    await library.keeper.rebuild()
    generations = [one.name for one in tmp_path.iterdir() if one.is_dir()]
    assert len(generations) == 1


async def test_a_reader_follows_the_writer_without_being_told(
    database: Database, tmp_path: Path
) -> None:
    library, reader = Library.at(database, tmp_path), Library.at(database, tmp_path)
    library.offer(a_number(1), "装置")
    await library.level()
    assert reader.find("装置").total == 1
    library.offer(a_number(2), "装置")
    await library.level()

    assert reader.find("装置").total == 2


async def test_an_index_with_broken_files_is_made_again_with_the_next_change(
    database: Database, tmp_path: Path
) -> None:
    library = Library.at(database, tmp_path)
    library.offer(a_number(1), "装置")
    await library.level()
    folder = IndexFolder(tmp_path).current()
    assert folder is not None
    (folder / "meta.json").write_bytes(b"{")
    library.offer(a_number(2), "装置")
    restarted = Library.at(database, tmp_path)
    with pytest.raises(IndexBeingMade):
        restarted.find("装置")

    await library.level()

    assert restarted.find("装置").total == 2


async def test_an_index_is_proven_equal_or_not(database: Database, tmp_path: Path) -> None:
    library = Library.at(database, tmp_path)
    offered = library.offer(a_number(1), "装置")
    await library.level()
    proven = await library.keeper.equals_a_new_one()
    folder = IndexFolder(tmp_path).current()
    assert folder is not None
    with Generation(folder).writer() as writer:
        writer.delete_documents_by_term("listing", str(offered.listing))
        writer.commit()

    assert (proven, await library.keeper.equals_a_new_one()) == (True, False)


async def test_a_comparison_during_changes_is_refused(database: Database, tmp_path: Path) -> None:
    library = Library.at(database, tmp_path)
    await library.level()
    library.offer(a_number(1), "装置")
    await follow(database, library.federation.hub)

    with pytest.raises(IndexMoved):
        await library.keeper.equals_a_new_one()


def words_in(library: Library, prefix: str) -> set[str]:
    """What the files know, living or not."""
    searcher = library.searching.opened()
    return {term for name in TEXTS for term, _ in searcher.terms_with_prefix(name, prefix)}


async def test_after_an_erasure_no_word_of_it_stays_in_the_files(
    database: Database, tmp_path: Path
) -> None:
    library = Library.at(database, tmp_path)
    offered = library.offer(a_number(1), "kestrel 装置")
    library.offer(a_number(2), "装置")
    await library.level()
    library.federation.erase(offered.last)
    await library.level()
    left_behind = words_in(library, "kestrel")

    made_again = await library.keeper.forget_erased()

    assert left_behind == {"kestrel"}
    assert made_again
    assert words_in(library, "kestrel") == set()
    assert library.find("装置").total == 1
    assert not await library.keeper.forget_erased()


async def test_erasures_soon_after_each_other_wait_for_one_making(
    database: Database, tmp_path: Path
) -> None:
    library = Library.at(database, tmp_path)
    offers = [library.offer(a_number(at), "装置") for at in range(2)]
    await library.level()
    made = []
    for offered, rests_until in zip(offers, (0.0, math.inf), strict=True):
        library.federation.erase(offered.last)
        await library.level()
        library.keeper.rests_until = rests_until
        made.append(await library.keeper.forget_erased())

    library.keeper.rests_until = 0.0
    made.append(await library.keeper.forget_erased())

    assert made == [True, False, True]
