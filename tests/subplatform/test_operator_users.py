"""Users of a node as an administrator looks after them in a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest

from shared_platform.database.engine import Database
from shared_platform.sign_in.accounts import Account, find_account
from shared_platform.sign_in.second_factor import (
    confirm_device,
    matching_step,
    propose_device,
    read_second_factor,
)
from tests.subplatform.node_builders import NOW
from tests.subplatform.node_desk import NodeBrowser, NodeDesk, a_node_desk


@pytest.fixture
async def desk(node_committed: Database, tmp_path: Path) -> AsyncIterator[NodeDesk]:
    async with a_node_desk(node_committed, tmp_path) as desk:
        yield desk


async def the_account(desk: NodeDesk, name: str) -> Account:
    async with desk.sessions() as session:
        return await find_account(session, name)


async def invited(browser: NodeBrowser) -> str:
    page = await browser.fill(
        "/users/invitation",
        {"name": "zhou.yan", "display_name": "周燕", "roles": ["verifier"]},
    )
    assert page.status == 200, page.text
    return page.texts("//code[@class='secret']")[0]


async def test_somebody_is_invited_by_a_link_that_is_shown_once(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")

    link = await invited(browser)
    later = await browser.get("/users/zhou.yan")
    opened = await browser.client.get(link)
    again = await browser.fill(
        "/users/invitation", {"name": "zhou.yan", "display_name": "周燕", "roles": ["verifier"]}
    )

    assert "/welcome" in link
    assert link not in later.text
    assert opened.status_code == 200
    assert again.status == 422
    assert again.all("//div[@role='alert']")


async def test_roles_are_set_and_an_account_is_switched_off_after_asking(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")
    other = await desk.a_visitor("zhao.min", "verifier")

    await browser.fill("/users/zhao.min", {"act": "roles", "roles": ["operator", "verifier"]})
    with_roles = (await the_account(desk, "zhao.min")).roles
    asked = await browser.get("/users/zhao.min/switch_off")
    await browser.fill(
        "/users/zhao.min/switch_off", {"act": "switch_off"}, action="/users/zhao.min"
    )
    gone = await other.get("/desk")

    assert set(with_roles) == {"operator", "verifier"}
    assert asked.all("//button[@value='switch_off']")
    assert not (await the_account(desk, "zhao.min")).is_active
    assert gone.status == 303


async def test_nobody_shuts_themselves_out(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")

    off = await browser.fill("/users/sun.li", {"act": "switch_off"})
    without = await browser.fill("/users/sun.li", {"act": "roles", "roles": ["verifier"]})

    assert (off.status, without.status) == (422, 422)
    kept = await the_account(desk, "sun.li")
    assert (kept.is_active, kept.roles) == (True, ("administrator",))


async def test_a_lost_second_factor_is_removed(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")
    await desk.a_visitor("zhao.min", "verifier")
    other = await the_account(desk, "zhao.min")
    ids = desk.node.context.service.ids
    async with desk.sessions.begin() as session:
        secret = await propose_device(session, other.id, ids=ids, now=NOW)
        code = pyotp.TOTP(secret).at(NOW)
        assert matching_step(secret, code, now=NOW) is not None
        await confirm_device(session, other.id, code, now=NOW)

    await browser.fill(
        "/users/zhao.min/remove_factor", {"act": "remove_factor"}, action="/users/zhao.min"
    )

    async with desk.sessions() as session:
        assert not (await read_second_factor(session, other.id)).is_confirmed


async def test_accounts_are_found_by_words_and_role(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")
    await desk.a_visitor("zhao.min", "verifier")

    by_word = await browser.get("/users?words=zhao")
    by_role = await browser.get("/users?role=administrator&lang=en")

    assert len(by_word.all("//tr[@data-item]")) == 1
    assert "sun.li" in by_role.text
    assert "zhao.min" not in by_role.text
    assert by_role.untranslated() == []
