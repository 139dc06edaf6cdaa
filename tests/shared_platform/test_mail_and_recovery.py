"""Letters are rows first, sent at least once under one Message-ID; recovery tells nothing."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.signals import Signals
from shared_platform.mail.letters import Letter, forget_letters, queue_letter
from shared_platform.mail.sending import MailRun
from shared_platform.mail.tables import mail_letter
from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_platform.sign_in.letters import LinkTerms, invite
from shared_schema.bilingual import Words
from tests.shared_platform.mail_server import MailServer, a_mail_server
from tests.shared_platform.page_places import Page, PageSettings
from tests.shared_platform.workspace_places import (
    BASE,
    PASSWORD,
    POLICY,
    SIGNED_IN_AS,
    Desk,
    a_desk,
)

MAIL = "li.na@gd.example"


@pytest.fixture
def desk(hub_sessions: async_sessionmaker[AsyncSession]) -> Desk:
    return a_desk(hub_sessions)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with a_mail_server() as server:
        yield server


def a_run(desk: Desk, folder: Path, **changes: object) -> MailRun:
    settings = PageSettings(data_dir=folder, public_base_url=BASE).model_copy(update=changes)
    return MailRun(desk.sessions, settings, desk.clock, Signals())


def through(server: MailServer) -> dict[str, object]:
    return {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}


async def a_letter(desk: Desk, subject: str = "测试") -> None:
    letter = Letter(MAIL, Words(subject, "A test"), Words("您好，李娜", "Hello, Li Na"))
    async with desk.sessions.begin() as session:
        await queue_letter(session, letter, ids=desk.ids, now=desk.clock.now())


def read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)


async def rows(desk: Desk) -> list[tuple[bool, bool, int]]:
    """Sent, with its text, tries."""
    async with desk.sessions() as session:
        found = await session.execute(select(mail_letter).order_by(mail_letter.c.id))
        return [(one.sent_at is not None, one.text is not None, one.tries) for one in found]


async def test_without_a_server_letters_are_files_of_the_owner_alone(
    desk: Desk, tmp_path: Path
) -> None:
    await a_letter(desk)

    sent = [await a_run(desk, tmp_path).send_next() for _ in range(2)]
    [file] = (tmp_path / "mail").iterdir()
    letter = read(file)

    assert sent == [True, False]
    assert file.stat().st_mode & 0o077 == 0
    assert (letter["To"], letter["Subject"]) == (MAIL, "测试 / A test")
    assert letter["Message-ID"] == f"<{file.stem}@pages.example>"
    assert "您好，李娜" in letter.get_content()
    assert await rows(desk) == [(True, False, 1)]


async def test_a_letter_that_a_server_took_is_sent_once(
    desk: Desk, server: MailServer, tmp_path: Path
) -> None:
    await a_letter(desk)
    run = a_run(desk, tmp_path, **through(server))

    assert [await run.send_next() for _ in range(2)] == [True, False]

    [letter] = server.letters
    assert letter["To"] == MAIL
    assert "Hello, Li Na" in letter.get_content()


async def test_a_letter_whose_answer_was_lost_comes_again_under_the_same_id(
    desk: Desk, server: MailServer, tmp_path: Path
) -> None:
    await a_letter(desk)
    run = a_run(desk, tmp_path, **through(server))
    server.lose_answers = True
    await run.send_next()
    server.lose_answers = False
    waiting = await run.send_next()
    desk.clock.forward(minutes=1)
    await run.send_next()

    assert not waiting
    assert len(server.letters) == 2
    assert len({one["Message-ID"] for one in server.letters}) == 1
    assert await rows(desk) == [(True, False, 2)]


async def test_a_process_that_died_while_sending_leaves_the_letter_to_the_next(
    desk: Desk, tmp_path: Path
) -> None:
    class Killed(BaseException):
        pass

    async def die(*_: object) -> None:
        raise Killed

    await a_letter(desk)
    dying = replace(a_run(desk, tmp_path), carrier=die)
    with pytest.raises(Killed):
        await dying.send_next()

    early = await a_run(desk, tmp_path).send_next()
    desk.clock.forward(minutes=5)
    late = await a_run(desk, tmp_path).send_next()

    assert (early, late) == (False, True)
    assert await rows(desk) == [(True, False, 2)]


async def test_a_letter_that_nobody_takes_is_given_up_after_a_week(
    desk: Desk, tmp_path: Path
) -> None:
    async def refuse(*_: object) -> None:
        raise aiosmtplib.SMTPRecipientRefused(550, "no such user", MAIL)

    await a_letter(desk)
    run = replace(a_run(desk, tmp_path), carrier=refuse)
    begun = desk.clock.now()
    tries = 0
    while await run.send_next():
        tries += 1
        desk.clock.forward(hours=6)

    assert desk.clock.now() - begun >= timedelta(days=7)
    assert await rows(desk) == [(False, False, tries)]
    desk.clock.forward(days=31)
    async with desk.sessions.begin() as session:
        assert await forget_letters(session, now=desk.clock.now()) == 1


async def an_account(desk: Desk) -> None:
    account = NewAccount(SIGNED_IN_AS, "李娜", ("writer",), " Li.Na@GD.example ")
    async with desk.sessions.begin() as session:
        now = desk.clock.now()
        made = await create_account(session, account, policy=POLICY, ids=desk.ids, now=now)
        await invite(session, made, LinkTerms.of(desk.app.state.settings), ids=desk.ids, now=now)


def link_in(folder: Path, *, sent: int) -> str:
    files = sorted((folder / "mail").iterdir())
    assert len(files) == sent
    found = re.search(rf"{BASE}(/welcome\?link=\S+)", read(files[-1]).get_content())
    assert found is not None
    return found[1]


async def choose(desk: Desk, link: str, password: str) -> Page:
    return await desk.browser().post(link, {"password": password, "repeated": password})


async def test_an_invitation_and_a_recovery_by_mail(desk: Desk, tmp_path: Path) -> None:
    await an_account(desk)
    run = a_run(desk, tmp_path)
    await run.send_next()
    invited = await choose(desk, link_in(tmp_path, sent=1), "first long password of mine")
    elsewhere = desk.browser()
    await elsewhere.sign_in(MAIL, "first long password of mine")

    asked = await desk.browser().post("/recovery", {"email": "LI.NA@gd.example"})
    await run.send_next()
    link = link_in(tmp_path, sent=2)
    still = await desk.browser().sign_in(MAIL, "first long password of mine")
    done = await choose(desk, link, PASSWORD)

    assert (invited.status, asked.status, still.status, done.status) == (303, 200, 303, 303)
    assert (await choose(desk, link, PASSWORD)).status == 404
    assert (await elsewhere.get("/workspace")).status == 303
    assert (await desk.browser().sign_in(MAIL)).status == 303
    assert "recovery_asked" in await desk.acts()


async def test_a_stranger_learns_nothing_of_who_has_an_account(desk: Desk, tmp_path: Path) -> None:
    await an_account(desk)
    run = a_run(desk, tmp_path)
    while await run.send_next():
        pass

    pages = [
        await desk.browser().post("/recovery", {"email": email})
        for email in (MAIL, "nobody@gd.example")
    ]
    sent = [await run.send_next(), await run.send_next()]

    assert len({one.text for one in pages}) == 1
    assert sent == [True, False]


async def test_letters_of_recovery_cannot_be_made_to_flood_somebody(desk: Desk) -> None:
    await an_account(desk)

    found = [(await desk.browser().post("/recovery", {"email": MAIL})).status for _ in range(7)]

    assert found == [200] * 5 + [429] * 2


async def test_guessing_a_password_waits_and_an_unknown_name_waits_alike(desk: Desk) -> None:
    await desk.hire(password=PASSWORD)
    pages: dict[str, list[Page]] = {}
    for name in (SIGNED_IN_AS, "nobody"):
        browser = desk.browser()
        pages[name] = [await browser.sign_in(name, "guess guess guess") for _ in range(6)]

    right = await desk.browser().sign_in()
    desk.clock.forward(minutes=1)

    known, unknown = pages.values()
    assert [one.status for one in known] == [one.status for one in unknown] == [422] * 5 + [429]
    assert [one.texts("//div[@role='alert']") for one in known] == [
        one.texts("//div[@role='alert']") for one in unknown
    ]
    assert known[-1].answer.headers["retry-after"] == "30"
    assert right.status == 429
    assert (await desk.browser().sign_in()).status == 303
    assert (await desk.acts()).count("sign_in_refused") == 5
