"""The index is a projection: it follows, is made again when it must, and can be proven equal."""

import asyncio
import math
from pathlib import Path

import pytest

from shared_platform.catalogue.rebuild import rebuild_projection
from shared_platform.database.engine import Database
from shared_platform.failpoint import POINTS, FailpointReached, arm
from shared_platform.search.fields import TEXTS
from shared_platform.search.follow import IndexMoved
from shared_platform.search.index import Generation, IndexBeingMade, IndexFolder
from tests.shared_platform.catalogue_copies import empty, follow, make_tables
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.search_places import Library


@pytest.fixture
async def database(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


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


async def test_searches_go_on_in_the_current_index_while_another_is_made(
    database: Database, tmp_path: Path
) -> None:
    library = Library.at(database, tmp_path)
    offers = [library.offer(a_number(at), "装置") for at in range(3)]
    await library.level()
    library.federation.change(offers[0], "withdraw")
    await follow(database, library.federation.hub)
    meanwhile: list[int] = []

    await library.keeper.rebuild(lambda *_: meanwhile.append(library.find("装置").total))

    assert (meanwhile, library.find("装置").total) == ([3], 2)


async def test_what_is_published_while_an_index_is_made_is_in_it_after_the_next_look(
    database: Database, tmp_path: Path
) -> None:
    library = Library.at(database, tmp_path)
    for at in range(3):
        library.offer(a_number(at), "装置")
    await library.level()
    for at in range(3, 6):
        library.offer(a_number(at), "装置")

    await asyncio.gather(library.keeper.rebuild(), follow(database, library.federation.hub))
    await library.keeper.bring_level()

    assert library.find("装置").total == 6
    assert await library.keeper.equals_a_new_one()


@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith("search.")])
async def test_an_index_that_was_interrupted_at_a_crash_point_is_level_after_the_next_look(
    database: Database, tmp_path: Path, point: str
) -> None:
    library = Library.at(database, tmp_path)
    library.offer(a_number(1), "装置")
    await library.level()
    library.offer(a_number(2), "装置")
    await follow(database, library.federation.hub)
    arm(f"{point}:1:raise", postmaster=lambda: None)

    with pytest.raises(FailpointReached, match=point):
        await (library.keeper.rebuild if point == "search.made" else library.keeper.bring_level)()
    between = library.find("装置").total
    await library.keeper.bring_level()

    known = 2 if point == "search.committed" else 1  # it may know more than it says, never less
    assert (between, library.find("装置").total) == (known, 2)
    assert await library.keeper.equals_a_new_one()
