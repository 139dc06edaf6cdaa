"""The routers that hub and node serve alike."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from shared_platform.bulk_download import routes as bulk_routes
from shared_platform.catalogue import change_routes
from shared_platform.catalogue import routes as catalogue_routes
from shared_platform.embeds import badge, builder_page, card_routes, frame_pages, oembed_routes
from shared_platform.export import routes as export_routes
from shared_platform.harvest import routes as harvest_routes
from shared_platform.public_pages import catalogue_pages, facet_pages, network_pages, site_pages
from shared_platform.search import routes as search_routes
from shared_platform.syndication import routes as syndication_routes
from shared_platform.workspace import (
    account_factor_pages,
    account_pages,
    account_token_pages,
    provider_pages,
    recovery_pages,
    second_factor_pages,
    sign_in_pages,
    welcome_pages,
)

PUBLIC_SITE: Final[Sequence[APIRouter]] = (
    search_routes.router,
    catalogue_routes.router,
    change_routes.router,
    bulk_routes.router,
    export_routes.router,
    syndication_routes.router,
    harvest_routes.router,
    catalogue_pages.router,
    facet_pages.router,
    network_pages.router,
    site_pages.router,
    card_routes.router,
    builder_page.router,
    frame_pages.router,
    badge.router,
    oembed_routes.router,
)
"""The catalogue for everybody: pages, API, feeds, files, embeds."""

ACCOUNT_PAGES: Final[Sequence[APIRouter]] = (
    sign_in_pages.router,
    second_factor_pages.router,
    provider_pages.router,
    recovery_pages.router,
    welcome_pages.router,
    account_pages.router,
    account_factor_pages.router,
    account_token_pages.router,
)
"""Signing in, and one's own account."""
