"""What helps somebody whose words are not quite those of the catalogue."""

from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from shared_platform.search.filter_words import filters_meant
from shared_platform.search.search_query import SearchQuery
from shared_platform.search.suggest import meant_as_filters, suggest
from shared_platform.search.typed_numbers import read_typed
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.search_places import TODAY, Library
from tests.shared_schema.offers import paying

NUMBER = a_number(2)
YEAR, KIND, SERIAL, CHECK = NUMBER[:4], NUMBER[4], NUMBER[5:12], NUMBER[12]
TITLES = ("电动滑板车的减震结构", "一种滑块导轨", "传感器校准装置 for batteries")


@pytest.fixture
async def library(empty_database: Database, tmp_path: Path) -> Library:
    await make_tables(empty_database)
    library = Library.at(empty_database, tmp_path)
    holder = [{"name": "华南理工大学", "kind": "university"}]
    for at, title in enumerate(TITLES):
        patent = {"application_number": a_number(at), "kind": "invention", "title": title}
        if at == 2:
            patent["publication_number"] = "CN104123456B"
        terms = paying({"mode": "free"}) if at == 0 else {}
        library.offer(a_number(at), title, patent=patent, holders=holder, **terms)
    await library.level()
    return library


def numbers_found(library: Library, typed: str) -> list[str]:
    by_serial = {at + 2: a_number(at) for at in range(len(TITLES))}
    return [by_serial[serial] for serial in library.find(typed).serials]


@pytest.mark.parametrize(
    "typed",
    [
        f"专利号：ZL{NUMBER}",
        f"ZL{NUMBER}，",
        f"（ZL {YEAR} {KIND} {SERIAL}.{CHECK}）",
        f"{YEAR}-{KIND}-{SERIAL}.{CHECK}",
        f"申请号为{NUMBER}",
        f"Patent No. {YEAR}{KIND}{SERIAL}.{CHECK}",
        f"【{NUMBER}】;",
        f"传感器 {NUMBER}",
        f"校准装置，专利号：ZL{NUMBER}",
        "CN104123456B",
        "CN104123456",
        "cn 104123456 b",
        "公告号：CN104123456B",
        "ＣＮ１０４１２３４５６",
    ],
)
async def test_a_number_is_found_with_labels_marks_and_words_beside_it(
    library: Library, typed: str
) -> None:
    assert numbers_found(library, typed) == [NUMBER]


def test_a_roman_ten_and_a_sign_of_multiplication_are_the_check_character() -> None:
    ending = next(number for number in map(a_number, range(60)) if number.endswith("X"))

    for typed in (ending[:-1] + "Ⅹ", ending[:-1] + "×", ending.lower()):
        (found,) = read_typed(typed).numbers
        assert found.application == ending


async def test_a_number_and_words_that_do_not_belong_to_it_find_nothing(library: Library) -> None:
    assert numbers_found(library, f"滑板车 {NUMBER}") == []


async def test_a_valid_number_that_nobody_offers_is_told_apart_from_a_wrong_one(
    library: Library,
) -> None:
    unknown = a_number(40)
    wrong = unknown[:-1] + ("0" if unknown[-1] != "0" else "1")

    assert library.find(f"专利号 {unknown}").numbers == (unknown,)
    assert library.find(wrong).numbers == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("滑版", "滑板"),
        ("电动滑版车", "电动滑板车"),
        ("华南理工大雪", "华南理工大学"),
        ("花南理工", "华南理工"),
        ("传感器教准", "传感器校准"),
    ],
)
async def test_a_character_that_sounds_alike_is_offered_mended(
    library: Library, typed: str, meant: str
) -> None:
    suggested = suggest(library.searching, SearchQuery(typed), today=TODAY)

    assert suggested[0].query.text == meant
    assert suggested[0].total >= 1


@pytest.mark.parametrize(
    ("typed", "rest", "choice"),
    [
        ("免费", "", ("start", ("free",))),
        ("free", "", ("start", ("free",))),
        ("发明", "", ("kind", ("invention",))),
        ("Invention", "", ("kind", ("invention",))),
        ("utility model sensor", "sensor", ("kind", ("utility_model",))),
        ("实用新型 传感器", "传感器", ("kind", ("utility_model",))),
        ("免费传感器", "传感器", ("start", ("free",))),
        ("广东省", "", ("scope", ("44",))),
        ("Guangzhou", "", ("scope", ("440100",))),
        ("physics", "", ("ipc", ("G",))),
        ("农业", "", ("industry", ("A01",))),
    ],
)
def test_a_word_that_names_a_filter_leads_to_it(
    typed: str, rest: str, choice: tuple[str, tuple[str, ...]]
) -> None:
    meant = filters_meant(SearchQuery(typed))

    assert (meant[0].text, meant[0].filters) == (rest, (choice,))


async def test_a_filter_is_offered_with_its_count_and_only_where_it_finds_something(
    library: Library,
) -> None:
    free = meant_as_filters(library.searching, SearchQuery("免费"), today=TODAY)
    design = meant_as_filters(library.searching, SearchQuery("外观设计"), today=TODAY)
    nothing_else = suggest(library.searching, SearchQuery("免费 滑板"), today=TODAY)

    assert [(one.query.filters, one.total) for one in free] == [((("start", ("free",)),), 1)]
    assert design == []
    assert (nothing_else[0].query.text, nothing_else[0].total) == ("滑板", 1)


@pytest.mark.parametrize("typed", ["battery", "batteries", "Battery"])
async def test_an_english_word_finds_its_other_forms(library: Library, typed: str) -> None:
    assert numbers_found(library, typed) == [NUMBER]
