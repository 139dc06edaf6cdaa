"""The node put together: its HTTP application, and the loops beside it."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from shared_platform.alarms.figures import add_database_figures
from shared_platform.alarms.watch import Watch
from shared_platform.audit.archive import Archiving
from shared_platform.audit.heads import audit_folder
from shared_platform.audit.seal import AuditSealing
from shared_platform.audit_desk.act_words import SHARED_ACT_TITLES
from shared_platform.audit_desk.audit_pages import audit_pages
from shared_platform.bulk_download.here import bulk_folder
from shared_platform.catalogue.erased import last_erasure
from shared_platform.embeds.framing import problem_or_frame
from shared_platform.look.look import LiveLook
from shared_platform.mail.sending import MailRun
from shared_platform.public_pages.site import node_site
from shared_platform.routers import ACCOUNT_PAGES, PUBLIC_SITE
from shared_platform.search.foretell import CatalogueReads
from shared_platform.search.here import searching_in
from shared_platform.service import Loop
from shared_platform.serving import ServiceDescription, build_app, describe_app
from shared_platform.transport.api_examples import add_examples, read_examples
from shared_platform.transport.breaker import BreakerState
from shared_platform.transport.request_head import BodyLimit
from shared_platform.workspace.navigation import Place, Workspace
from shared_platform.workspace.problem_pages import led_to_sign_in
from shared_schema.anchor import FederationAnchor
from shared_schema.bilingual import Words
from shared_schema.instants import SystemClock
from subplatform.accounts import organisation_routes
from subplatform.accounts import routes as account_routes
from subplatform.accounts.notices import NoticeMail
from subplatform.accounts.permissions import NODE_POLICY, ROLE_TITLES, Permission
from subplatform.audit.act_words import ACT_TITLES
from subplatform.catalogue_mirror import routes as mirror_routes
from subplatform.catalogue_mirror.cosign import run_cosigning
from subplatform.catalogue_mirror.run import run_mirror
from subplatform.context import (
    NodeContext,
    cosigning_of,
    desk_of,
    hub_of,
    mirroring_of,
    read_anchor,
    signer_of,
)
from subplatform.declarations import import_routes
from subplatform.declarations import routes as declaration_routes
from subplatform.declarations.import_work import ImportWork
from subplatform.declarations.public_extension import read_public_extension
from subplatform.holder_pages.places import (
    APPROVAL_PLACES,
    HOLDER_PLACES,
    HOLDER_ROUTERS,
    count_waiting,
)
from subplatform.hub_client.hub_version import watch_versions
from subplatform.jobs.chores import Chores
from subplatform.monitoring import routes as monitoring_routes
from subplatform.monitoring.figures import NodeFigures
from subplatform.monitoring.reporting import Reporting
from subplatform.monitoring.watching import WATCHED, NodeWatch, Thresholds
from subplatform.operator_pages.places import OPERATOR_PLACES, OPERATOR_ROUTERS
from subplatform.outbox import routes as delivery_routes
from subplatform.outbox.deliver import Sending
from subplatform.outbox.run import run_outbox
from subplatform.recommendation import routes as recommendation_routes
from subplatform.recommendation.change_standing import SignChanges
from subplatform.recommendation.run import Following, run_inbox
from subplatform.verification import routes as verification_routes

ENROLMENT_LOOK_SECONDS: Final = 2.0
TITLE: Final = "Kaixu node"
ABOUT: Final = (
    "开许分平台接口：声明、核查、报送、回执；目录人人可读。 / A node of a patent open licensing"
    " network: declarations, verification, recommendation, receipts; everybody may read the"
    " catalogue."
)
ROUTERS: Final[Sequence[APIRouter]] = (
    declaration_routes.router,
    import_routes.router,
    verification_routes.router,
    recommendation_routes.router,
    delivery_routes.router,
    mirror_routes.router,
    monitoring_routes.router,
    account_routes.router,
    *HOLDER_ROUTERS,
    organisation_routes.router,
    *PUBLIC_SITE,
    *ACCOUNT_PAGES,
    *OPERATOR_ROUTERS,
    audit_pages(Permission.READ_AUDIT, {**SHARED_ACT_TITLES, **ACT_TITLES}),
)
PLACES: Final[Sequence[Place]] = (
    *HOLDER_PLACES,
    *OPERATOR_PLACES,
    *APPROVAL_PLACES,
    Place(
        "/audit",
        Words("审计", "Audit"),
        Words("查找、核对、导出审计记录。", "Search, check and export the audit trail."),
        Permission.READ_AUDIT,
    ),
)
"""The menu of the people's workspace, in its order."""


def build_node_app(node: NodeContext) -> ASGIApp:
    """The node's HTTP application."""
    settings = node.settings
    upload = BodyLimit(settings.max_attachment_bytes, settings.bulk_request_seconds)
    signer = signer_of(node)
    _add_figures(node)

    def read_node_anchor() -> FederationAnchor | None:
        return node.hub.anchor if node.hub else None

    site = node_site(
        settings, settings.node, anchor=read_node_anchor, read_extension=read_public_extension
    )
    searching, look = searching_in(settings), LiveLook(settings)
    description = _description(
        body_limits=(
            ("/api/v1/uploads", upload),
            ("/api/v1/imports", upload),
            ("/imports", upload),
            ("/declarations/", upload),
            ("/mandates", upload),
        ),
        state={
            "desk": desk_of(node),
            "signer": signer,
            "keys": node.keys,
            "look": look,
            "sign_change": SignChanges(signer),
            "searching": searching,
            "bulk": bulk_folder(settings),
            "outdated_through": last_erasure,
            "read_anchor": read_node_anchor,
            "site": site,
            "problem_page": led_to_sign_in(problem_or_frame),
            "workspace": Workspace(NODE_POLICY, PLACES, ROLE_TITLES, count_waiting),
        },
    )
    service = node.service
    reads = CatalogueReads(look.settings, service.database.sessions, searching, service.clock)
    return build_app(node.service, replace(description, foretell=reads))


def describe_node_app() -> FastAPI:
    """The application without a database: enough for its OpenAPI document."""
    return describe_app(SystemClock(), _description())


def node_loops(node: NodeContext) -> tuple[Loop, ...]:
    """What runs beside the HTTP application: delivery, inbox, mirror, chores."""
    engine = node.service.database.engine
    trail = audit_folder(node.settings.data_dir)
    archiving = Archiving(trail, node.settings.audit_days)
    sign = SignChanges(signer_of(node))
    dormancy = node.settings.dormancy_days
    chores = Chores(engine, desk_of(node), sign, node.settings.node, archiving, dormancy)

    async def federation() -> None:
        await _until_enrolled(node)
        await _follow_hub(node)

    service = node.service
    mail = MailRun(service.database.sessions, node.settings, service.clock, service.signals)
    sealing = AuditSealing(service.database.sessions, service.clock, trail)
    imports = ImportWork(
        desk_of(node), service.signals, node.settings.data_dir, node.settings.rule_profile
    )
    notices = NoticeMail(
        service.database.sessions, service.clock, service.ids, node.settings.base_url
    )
    watch = node_watch(node)
    own = (chores.run, sealing.run, watch.run, mail.run, imports.run, notices.run)
    return (federation, *own)


def node_watch(node: NodeContext) -> Watch:
    """What raises and ends the node's alarms."""
    settings, service = node.settings, node.service
    limits = Thresholds(
        silence=timedelta(seconds=settings.alarm_silence_seconds),
        outbox=timedelta(seconds=settings.alarm_outbox_seconds),
        behind=timedelta(seconds=settings.alarm_lag_seconds),
        free_disk_share=settings.alarm_free_disk_share,
    )
    watch = NodeWatch(limits, settings.data_dir)
    return Watch(service.database.sessions, service.clock, watch.look, WATCHED)


def _add_figures(node: NodeContext) -> None:
    service = node.service

    def is_breaker_open() -> bool:
        return node.hub is not None and node.hub.breaker.state is not BreakerState.CLOSED

    figures = NodeFigures(service.metrics.registry, breaker_open=is_breaker_open)
    sessions = service.database.sessions
    add_database_figures(service.metrics, sessions, figures.refresh, clock=service.clock)


async def _until_enrolled(node: NodeContext) -> None:
    """Wait for `enrol`, which another process runs; then the hub is known."""
    while node.hub is None:
        anchor = read_anchor(node.settings)
        if anchor is not None:
            node.hub = hub_of(node, anchor)
            return
        await asyncio.sleep(ENROLMENT_LOOK_SECONDS)


async def _follow_hub(node: NodeContext) -> None:
    """Deliver, read the inbox, follow the log and vouch for it, until one of them fails."""
    service, settings = node.service, node.settings
    sessions, hub = service.database.sessions, node.enrolled_hub()
    jitter = random.SystemRandom().random
    lease = timedelta(seconds=settings.delivery_lease_seconds)
    sending = Sending(
        hub, service.clock, service.ids, jitter, settings.deliver_batch, lease, node.keys.statement
    )
    following = Following(
        hub,
        settings.node,
        service.clock,
        settings.pull_wait_seconds,
        signer_of(node),
        on_asked=cosigning_of(node).ask,
    )
    reporting = Reporting(sessions, hub, service.clock, settings.report_seconds)
    async with asyncio.TaskGroup() as group:
        group.create_task(reporting.run())
        group.create_task(run_cosigning(sessions, cosigning_of(node)))
        group.create_task(run_outbox(sessions, sending, service.signals))
        group.create_task(watch_versions(hub.versions))
        group.create_task(run_inbox(sessions, following, service.signals))
        group.create_task(
            run_mirror(
                sessions,
                mirroring_of(node),
                service.signals,
                wait_seconds=settings.pull_wait_seconds,
            )
        )


def _description(
    *,
    body_limits: tuple[tuple[str, BodyLimit], ...] = (),
    state: dict[str, Any] | None = None,
) -> ServiceDescription:
    return ServiceDescription(
        TITLE,
        ABOUT,
        NODE_POLICY,
        ROUTERS,
        body_limits=body_limits,
        state=state or {},
        complete=lambda document: add_examples(document, read_examples("subplatform")),
    )
