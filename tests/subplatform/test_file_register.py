from datetime import date
from pathlib import Path

import pytest

from subplatform.patent_register.file_register import FileRegister, RegisterFileRefused

HEADER = (
    "application_number,as_of,source,granted,status,status_since,holders,title,filing_date,"
    "grant_date,annual_fee,pledges,licences,suspensions,transfers,evaluation_report\n"
)
SOUND = "201410042209.4,2023-05-31,登记簿副本,是,有效,,五邑大学,,2014-01-28,2016-01-20,已缴,,,,,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "register.csv"


async def test_a_row_becomes_facts_with_their_day(file: Path) -> None:
    file.write_text(HEADER + SOUND, encoding="utf-8-sig")

    facts = await FileRegister(file).facts(["2014100422094", "2017106018623"])

    assert list(facts) == ["2014100422094"]
    one = facts["2014100422094"]
    assert (one.as_of, one.status, one.annual_fee) == (date(2023, 5, 31), "valid", "paid")
    assert [holder.name for holder in one.holders] == ["五邑大学"]


async def test_lists_in_cells_are_read_part_by_part(file: Path) -> None:
    row = (
        "ZL 2014 1 0042209.4,2023-05-31,登记簿副本,是,有效,,"
        "五邑大学；中山大学|914403001922038216,,,,已缴,"
        "某银行|2022-01-01|不同意,独占|2021-03-01|2026-03-01,权属纠纷|2023-01-05,某公司|2023-04-01,\n"
    )
    file.write_text(HEADER + row, encoding="utf-8")

    facts = await FileRegister(file).facts(["2014100422094"])

    one = facts["2014100422094"]
    assert [holder.credit_code for holder in one.holders] == [None, "914403001922038216"]
    assert (one.pledges[0].pledgee, one.pledges[0].consent) == ("某银行", False)
    assert (one.licences[0].kind, one.licences[0].until) == ("exclusive", date(2026, 3, 1))
    assert (one.suspensions[0].cause, one.suspensions[0].until) == ("ownership", None)
    assert one.transfers[0].to == "某公司"


async def test_a_changed_file_is_read_again(file: Path) -> None:
    file.write_text(HEADER + SOUND, encoding="utf-8")
    register = FileRegister(file)
    await register.facts([])

    file.write_text(HEADER + SOUND.replace("有效", "终止"), encoding="utf-8")

    assert (await register.facts(["2014100422094"]))["2014100422094"].status == "lapsed"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (SOUND.replace("201410042209.4", "201410042209.5"), "application_number"),
        (SOUND.replace("有效", "好"), "status"),
        (SOUND.replace("2023-05-31", "昨天"), "as_of"),
        (SOUND.replace(",已缴", ",已缴,,,,,,,"), "row"),
    ],
    ids=["number", "status", "date", "cells"],
)
async def test_a_wrong_row_refuses_the_file_and_is_named(
    file: Path, wrong: str, named: str
) -> None:
    file.write_text(HEADER + SOUND + wrong, encoding="utf-8")

    with pytest.raises(RegisterFileRefused) as refused:
        await FileRegister(file).facts(["2014100422094"])

    assert any(
        "第3行" in error.pointer and named in error.pointer for error in refused.value.errors
    )


async def test_a_patent_that_stands_twice_refuses_the_file(file: Path) -> None:
    file.write_text(HEADER + SOUND + SOUND, encoding="utf-8")

    with pytest.raises(RegisterFileRefused) as refused:
        await FileRegister(file).facts([])

    assert refused.value.errors[0].code == "register.duplicate"


async def test_a_missing_file_is_said_so(file: Path) -> None:
    with pytest.raises(RegisterFileRefused, match="register\\.csv"):
        await FileRegister(file).facts([])
