"""People sign in by a provider: a real one, over HTTP, that tells the truth or lies."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.sign_in.accounts import Changed, NewAccount, change_account, create_account
from shared_platform.sign_in.oidc import Provider, ProviderClient
from shared_platform.transport.address_rules import AddressRules
from shared_platform.transport.outbound import Outbound
from tests.shared_platform.identity_provider import (
    CLIENT,
    SECRET,
    IdentityProvider,
    an_identity_provider,
)
from tests.shared_platform.page_places import Page
from tests.shared_platform.workspace_places import BASE, POLICY, Browser, Desk, a_desk

NAME = "li.na"


@dataclass
class Place:
    desk: Desk
    provider: IdentityProvider

    async def invite(self, name: str = NAME, email: str | None = "li.na@gd.example") -> None:
        async with self.desk.sessions.begin() as session:
            await create_account(
                session,
                NewAccount(name, name, ("writer",), email),
                policy=POLICY,
                ids=self.desk.ids,
                now=self.desk.clock.now(),
            )


@pytest.fixture
async def place(hub_sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[Place]:
    desk = a_desk(hub_sessions)
    async with an_identity_provider(desk.clock) as provider:
        outbound = Outbound(AddressRules.of(("127.0.0.1",)))
        known = Provider(provider.url, CLIENT, SECRET, f"{BASE}/sign-in/provider/return")
        desk.app.state.provider = ProviderClient(known, outbound)
        yield Place(desk, provider)
        await outbound.aclose()


async def leave(browser: Browser, query: str = "") -> str:
    """To the provider and through it; the address of the way back."""
    left = await browser.get(f"/sign-in/provider{query}")
    assert left.status == 303, left.text
    async with httpx.AsyncClient(trust_env=False) as outside:
        agreed = await outside.get(left.answer.headers["location"])
    back = urlsplit(agreed.headers["location"])
    return f"{back.path}?{back.query}"


async def come_in(browser: Browser, query: str = "") -> Page:
    return await browser.get(await leave(browser, query), **{"sec-fetch-site": "cross-site"})


async def test_an_invited_person_comes_in_and_to_the_page_they_wanted(place: Place) -> None:
    await place.invite()
    browser = place.desk.browser()

    done = await come_in(browser, "?next=%2Fnotes&lang=en")

    assert (done.status, done.answer.headers["location"]) == (303, "/notes?lang=en")
    assert (await browser.get("/notes")).status == 200
    assert await place.desk.acts() == ["identity_linked", "signed_in"]


async def test_afterwards_the_providers_own_name_decides(place: Place) -> None:
    await place.invite()
    await come_in(place.desk.browser())
    place.provider.claims = {"email": "another@gd.example", "email_verified": False}

    again = await come_in(place.desk.browser())

    assert again.status == 303
    assert (await place.desk.acts()).count("identity_linked") == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@gd.example", "email_verified": True},
        {"email": "li.na@gd.example", "email_verified": False},
        {"email": "li.na@gd.example", "email_verified": "true"},
        {"email": "li.na@gd.example"},
        {},
    ],
    ids=str,
)
async def test_whom_nobody_invited_gets_no_account(place: Place, claims: dict[str, Any]) -> None:
    await place.invite()
    place.provider.claims = claims
    browser = place.desk.browser()

    page = await come_in(browser)

    assert page.status == 403
    assert browser.cookie is None
    assert await place.desk.acts() == []


async def test_whoever_was_switched_off_stays_out(place: Place) -> None:
    await place.invite()
    await come_in(place.desk.browser())
    async with place.desk.sessions.begin() as session:
        await change_account(
            session, NAME, Changed(is_active=False), policy=POLICY, now=place.desk.clock.now()
        )

    assert (await come_in(place.desk.browser())).status == 403


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://other.example"},
        {"aud": "another-service"},
        {"aud": [CLIENT, "another-service"]},
        {"nonce": "another"},
        {"exp": 1},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"nonce": None},
    ],
    ids=str,
)
async def test_a_token_that_proves_nothing_lets_nobody_in(
    place: Place, lies: dict[str, Any]
) -> None:
    await place.invite()
    place.provider.lies = lies
    browser = place.desk.browser()

    page = await come_in(browser)

    assert page.status == 422
    assert browser.cookie is None


async def test_a_token_that_somebody_else_signed_lets_nobody_in(place: Place) -> None:
    await place.invite()
    place.provider.signing_key = ECKey.generate_key("P-256", {"kid": "first"})

    assert (await come_in(place.desk.browser())).status == 422


async def test_a_provider_may_change_its_key(place: Place) -> None:
    await place.invite()
    await come_in(place.desk.browser())
    place.provider.key = ECKey.generate_key("P-256", {"kid": "second"})

    assert (await come_in(place.desk.browser())).status == 303


async def test_the_way_back_is_of_one_browser_once_and_soon(place: Place) -> None:
    await place.invite()
    victim, attacker = place.desk.browser(), place.desk.browser()
    planted = await leave(attacker)

    forced = await victim.get(planted)
    own = await leave(victim)
    first, second = await victim.get(own), await victim.get(own)
    late = await leave(victim)
    place.desk.clock.forward(minutes=10)

    assert forced.status == 422
    assert (first.status, second.status) == (303, 422)
    assert (await victim.get(late)).status == 422
    assert (await victim.get("/sign-in/provider/return?error=access_denied")).status == 422


async def test_a_provider_that_is_away_is_said_to_be(place: Place) -> None:
    place.provider.is_away = True

    page = await place.desk.browser().get("/sign-in/provider?lang=en")

    assert page.status == 503
    assert "the provider does not answer" in page.text


async def test_the_second_factor_of_this_service_is_still_asked_for(place: Place) -> None:
    place.desk.require_second_factor()
    await place.invite()

    done = await come_in(place.desk.browser())

    assert done.answer.headers["location"].startswith("/sign-in/enrolment")


async def test_without_a_provider_there_is_no_such_page(
    hub_sessions: async_sessionmaker[AsyncSession],
) -> None:
    browser = a_desk(hub_sessions).browser()

    assert (await browser.get("/sign-in/provider")).status == 404
    assert "provider" not in (await browser.get("/sign-in")).text
