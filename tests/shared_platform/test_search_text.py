"""Words: Chinese, Latin, numbers, in any width and spelling, found as somebody typed them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_platform.database.engine import Database
from shared_platform.search.search_query import SearchQuery
from shared_platform.search.segmentation import characters, normalise, pairs, runs, words
from shared_platform.search.suggest import suggest
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.search_places import TODAY, Library

TITLES = (
    "一种基于联邦学习的隐私计算方法",
    "锂离子电池正极材料及其制备方法",
    "一种 LED 驱动电路 V2.0",
    "用于 5G 基站的散热装置",
    "一种餐桌",
)


@pytest.fixture
async def library(empty_database: Database, tmp_path: Path) -> Library:
    await make_tables(empty_database)
    library = Library.at(empty_database, tmp_path)
    for at, title in enumerate(TITLES):
        library.offer(a_number(at), title, abstract="适用于物联网终端")
    await library.level()
    return library


def found(library: Library, text: str) -> set[str]:
    """The titles found."""
    by_serial = {at + 2: title for at, title in enumerate(TITLES)}  # after opening and enrolment
    return {by_serial[serial] for serial in library.find(text).serials}


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("联邦学习", 0),
        ("聯邦學習", 0),
        ("隐私 计算", 0),
        ("计算方法", 0),
        ("邦学习的隐", 0),
        ("锂离子电池", 1),
        ("正极材料", 1),
        ("led", 2),
        ("ＬＥＤ驱动", 2),
        ("v2.0", 2),
        ("5g", 3),
        ("5G基站", 3),
        ("餐", 4),
        ("5", 3),
        ("v", 2),
    ],
)
async def test_a_title_is_found_however_it_is_typed(
    library: Library, typed: str, title: int
) -> None:
    assert found(library, typed) == {TITLES[title]}


async def test_every_piece_of_every_title_finds_it(library: Library) -> None:
    missed = [
        (title, piece)
        for title in TITLES
        for run in runs(normalise(title))
        for start in range(len(run))
        for end in range(start + 2, len(run) + 1)
        for piece in (run[start:end],)
        if title not in found(library, piece)
    ]

    assert not missed


async def test_all_words_must_be_there_in_whatever_field(library: Library) -> None:
    assert found(library, "物联网 餐桌") == {"一种餐桌"}
    assert found(library, "餐桌 电池") == set()


async def test_a_word_nobody_has_is_named_and_nothing_is_found(library: Library) -> None:
    answer = library.find("联邦学习 鑫鑫鑫")

    assert (answer.total, answer.unknown, answer.known) == (0, ("鑫鑫鑫",), ("联邦学习",))


@pytest.mark.parametrize(
    "typed",
    [
        "ZL 2019 1 0000002.{c}",
        "20191000000{x}",
        "CN2019 10000002.{c}",
        "２０１９１００００００２.{c}",
    ],
)
async def test_a_number_is_found_as_people_type_it(library: Library, typed: str) -> None:
    number = a_number(2)
    text = typed.format(c=number[-1], x=f"2{number[-1]}")

    assert found(library, text) == {TITLES[2]}


async def test_the_beginning_of_a_number_finds_all_that_begin_so(library: Library) -> None:
    assert library.find("201910").total == len(TITLES)


async def test_digits_are_found_in_titles_as_well_as_in_numbers(library: Library) -> None:
    library.offer(a_number(40), "链锯（PN2019-17）")
    await library.level()

    assert library.find("2019").total == len(TITLES) + 1
    assert library.find("PN2019-1").total == library.find("pn2019-17").total == 1
    assert library.find("9-17").total == 1


async def test_a_mistyped_number_is_offered_mended_and_not_searched_silently(
    library: Library,
) -> None:
    number = a_number(1)
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    query = SearchQuery(wrong)

    assert library.find(wrong).total == 0
    suggested = suggest(library.searching, query, today=TODAY)
    assert [one.total for one in suggested] == [1]
    assert found(library, suggested[0].query.text) == {TITLES[1]}


async def test_a_misspelt_latin_word_is_offered_as_its_neighbour(library: Library) -> None:
    suggested = suggest(library.searching, SearchQuery("ledd"), today=TODAY)

    assert [one.query.text for one in suggested] == ["led"]


async def test_filters_that_hide_everything_are_offered_to_be_dropped(library: Library) -> None:
    query = SearchQuery("联邦学习", (("kind", ("design",)),))

    assert next(
        (one.query.text, one.query.filters, one.drops_filters)
        for one in suggest(library.searching, query, today=TODAY)
    ) == ("联邦学习", (), True)


@given(st.text(max_size=200))
def test_any_text_is_cut_without_failing_and_the_same_twice(text: str) -> None:
    once = normalise(text)

    assert words(once) == words(once)
    assert all(len(pair) == 2 for pair in pairs(once))
    assert all(len(one) == 1 and one in once for one in characters(once))
    assert all(" " not in word for word in words(once))
