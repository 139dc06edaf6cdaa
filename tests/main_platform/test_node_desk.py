"""Registrars let nodes in, look after them and revoke their keys, each by two people."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from main_platform.console.node_view import Blank, Dictation
from main_platform.nodes.enrol import find_enrolment
from main_platform.nodes.read_nodes import find_node
from shared_platform.database.engine import Database
from tests.main_platform.desk_browsers import DeskBrowser, a_browser
from tests.main_platform.hub_places import NOW, ANode, OpenHub, an_open_hub, entry_kinds
from tests.shared_platform.page_places import Page

NODE = "/console/nodes/gz-centre"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def wang(hub: OpenHub) -> DeskBrowser:
    return await a_browser(hub, "wang.wei", "node_registrar")


@pytest.fixture
async def zhao(hub: OpenHub) -> DeskBrowser:
    return await a_browser(hub, "zhao.min", "node_registrar")


async def heard(hub: OpenHub, asked: dict[str, str], by: str) -> dict[str, str]:
    """The two groups that this person must type, as the operator reads them out."""
    async with hub.database.sessions() as session:
        found = await find_enrolment(session, UUID(asked["enrolment"]))
    groups = asked["fingerprint"].split()
    return {
        blank.name: groups[(blank.row - 1) * 4 + blank.column - 1]
        for blank in Dictation.of(found, by).blanks
    } | {"all_heard": "true"}


async def confirmed(hub: OpenHub, browser: DeskBrowser, asked: dict[str, str], by: str) -> Page:
    path = f"/console/enrolments/{asked['enrolment']}"
    return await browser.fill(path, **await heard(hub, asked, by))


async def let_in(hub: OpenHub, wang: DeskBrowser, zhao: DeskBrowser) -> ANode:
    node = ANode(hub)
    asked = await node.enrol()
    await confirmed(hub, wang, asked, "wang.wei")
    await confirmed(hub, zhao, asked, "zhao.min")
    return node


async def test_two_registrars_hear_the_fingerprint_and_the_node_is_in(
    hub: OpenHub, wang: DeskBrowser, zhao: DeskBrowser
) -> None:
    asked = await ANode(hub).enrol()
    listed = await wang.get("/console/enrolments?lang=en")

    first = await confirmed(hub, wang, asked, "wang.wei")
    second = await confirmed(hub, zhao, asked, "zhao.min")

    assert "gz-centre" in listed.text
    assert asked["fingerprint"] not in listed.text
    assert "须另一位" in first.texts("//*[@role='status']")[0]
    assert second.texts("//*[@role='status']") == ["节点 gz-centre 已入网。"]
    assert await entry_kinds(hub) == ["log_opened", "node_enrolled"]


async def test_who_did_not_hear_it_or_heard_another_confirms_nothing(
    hub: OpenHub, wang: DeskBrowser
) -> None:
    asked = await ANode(hub).enrol()
    path = f"/console/enrolments/{asked['enrolment']}"
    right = await heard(hub, asked, "wang.wei")

    wrong = await wang.fill(path, **right | {"first_group": "zzzz"})
    unticked = await wang.fill(path, first_group="aaaa", second_group="bbbb")

    assert (wrong.status, unticked.status) == (422, 422)
    assert "zzzz" in wrong.text
    assert "不符" in wrong.texts("//*[@id='e-first_group']")[0]
    async with hub.database.sessions() as session:
        found = await find_enrolment(session, UUID(asked["enrolment"]))
    assert found.confirmations == ()


async def test_two_listeners_must_type_different_groups(hub: OpenHub) -> None:
    asked = await ANode(hub).enrol()
    async with hub.database.sessions() as session:
        found = await find_enrolment(session, UUID(asked["enrolment"]))

    dictations = [Dictation.of(found, f"registrar {place}") for place in range(40)]

    assert len({one.blanks for one in dictations}) > 20
    for one in dictations:
        shown = [group for row in one.rows for group in row]
        assert sum(isinstance(group, Blank) for group in shown) == 2
        assert one.blanks[0] != one.blanks[1]


async def test_a_refused_node_reads_why_and_may_ask_again(hub: OpenHub, wang: DeskBrowser) -> None:
    asked = await ANode(hub).enrol()
    path = f"/console/enrolments/{asked['enrolment']}"
    page = await wang.get(path)
    key = page.all("//form[contains(@action,'refusal')]//input[@name='once']")[0].get("value")

    sent = await wang.post(f"{path}/refusal", {"once": key, "reason": "电话不通"})
    listed = await wang.follow(sent)

    assert "gz-centre" in listed.texts("//*[@role='status']")[0]
    assert "电话不通" in (await wang.get(path)).text
    assert (await ANode(hub).enrol())["enrolment"] != asked["enrolment"]


async def test_a_node_is_suspended_resumed_and_retired_after_a_page_that_says_what_happens(
    hub: OpenHub, wang: DeskBrowser, zhao: DeskBrowser
) -> None:
    await let_in(hub, wang, zhao)

    async def do(action: str) -> Page:
        path = f"{NODE}/standing?action={action}"
        page = await wang.get(path)
        key = page.all("//input[@name='once']")[0].get("value")
        fields = {"once": key, "action": action, "reason": "technical_fault"}
        return await wang.follow(await wang.post(f"{NODE}/standing", fields))

    for action, state in (("suspend", "suspended"), ("resume", "active"), ("retire", "retired")):
        done = await do(action)
        assert done.status == 200
        async with hub.database.sessions() as session:
            assert (await find_node(session, "gz-centre", now=NOW)).state == state
    refused = await do("resume")
    assert refused.status == 422
    assert "retired" in refused.texts("//*[@role='alert']")[0]
    assert (await entry_kinds(hub))[2:] == ["node_suspended", "node_resumed", "node_retired"]


async def test_a_key_is_revoked_by_one_who_proposes_and_another_who_confirms(
    hub: OpenHub, wang: DeskBrowser, zhao: DeskBrowser
) -> None:
    node = await let_in(hub, wang, zhao)
    key_id = node.wish().keys[0].key_id

    proposed = await wang.fill(
        f"/console/keys/{key_id}/revocation", reason="key_compromise", suspect_from="2026-11-20"
    )
    (link,) = [one for one in (await zhao.get(NODE)).links() if "key-revocations" in one]
    own = await wang.fill(link, ruling="confirm")
    done = await zhao.fill(link, ruling="confirm")

    assert "另一位" in proposed.texts("//*[@role='status']")[0]
    assert own.status == 422
    assert done.texts("//*[@role='status']") == ["密钥已吊销。"]
    assert "已吊销" in done.text


async def test_a_quota_is_set_and_taken_back(
    hub: OpenHub, wang: DeskBrowser, zhao: DeskBrowser
) -> None:
    await let_in(hub, wang, zhao)

    wrong = await wang.fill(f"{NODE}/quota", daily_offers="-1")
    await wang.fill(f"{NODE}/quota", daily_offers="17", review_backlog="")
    page = await wang.get(f"{NODE}/quota")

    assert wrong.status == 422
    assert [one.get("value") for one in page.all("//input[@name='daily_offers']")] == ["17"]
    assert "17" in (await wang.get(NODE)).text


async def test_readers_of_nodes_see_everything_and_change_nothing(
    hub: OpenHub, wang: DeskBrowser, zhao: DeskBrowser
) -> None:
    await let_in(hub, wang, zhao)
    reader = await a_browser(hub, "wu.di", "statistician")

    page = await reader.get(f"{NODE}?lang=en")
    listed = await reader.get("/console/nodes?state=active&lang=en")
    none = await reader.get("/console/nodes?state=retired&lang=en")

    assert not [one for one in page.links() if "/revocation" in one or "/standing" in one]
    assert (await reader.get(f"{NODE}/quota")).status == 403
    assert len(listed.all("//tbody/tr")) == 1
    assert "No node matches." in none.text
    assert [*page.untranslated(), *listed.untranslated()] == []
