"""The hub put together: its HTTP application, and the loops beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from main_platform.api_document import complete
from main_platform.audit.acts import KEPT_ACTS
from main_platform.catalogue import log_routes, snapshot_routes
from main_platform.catalogue.follow_log_key import LogKeyFollowing
from main_platform.catalogue.publish import publish
from main_platform.catalogue.write_snapshot import (
    SnapshotPace,
    files_outdated_through,
    tell_snapshots,
)
from main_platform.console import (
    conflict_pages,
    dashboard_pages,
    erasure_pages,
    held_pages,
    queue_pages,
    review_pages,
    second_look_pages,
    selection_pages,
    static_files,
    withdrawal_pages,
)
from main_platform.console.places import REVIEW_PLACES
from main_platform.console.registry_desk import REGISTRY_PLACES, REGISTRY_ROUTERS
from main_platform.context import HubContext, default_quota
from main_platform.cosigning import routes as cosigning_routes
from main_platform.erasure import routes as erasure_routes
from main_platform.erasure.ports import OnErased
from main_platform.intake import own_record_routes
from main_platform.intake import routes as intake_routes
from main_platform.intake import staff_routes as intake_staff_routes
from main_platform.intake.turns import IntakeTurns
from main_platform.jobs.chores import Chores
from main_platform.jobs.issues import IssueChore
from main_platform.jobs.key_ends import KeyEnds
from main_platform.jobs.snapshots import SnapshotChore
from main_platform.monitoring import routes as monitoring_routes
from main_platform.monitoring import staff_routes as monitoring_staff_routes
from main_platform.monitoring.conditions import WATCHED, HubWatch, Thresholds
from main_platform.monthly_issue import issue_pages
from main_platform.monthly_issue import routes as issue_routes
from main_platform.monthly_issue.freeze import Publisher
from main_platform.monthly_issue.make_files import Issues
from main_platform.nodes import routes as node_routes
from main_platform.nodes import staff_routes as node_staff_routes
from main_platform.recovery import routes as recovery_routes
from main_platform.review import conflict_routes, listing_routes
from main_platform.review import routes as review_routes
from main_platform.review.intake_ports import INTAKE_PORTS
from main_platform.staff import audit_routes
from main_platform.staff import routes as staff_routes
from main_platform.staff.permissions import HUB_POLICY, ROLE_TITLES
from shared_platform.alarms.watch import Watch
from shared_platform.audit.archive import Archiving
from shared_platform.audit.heads import audit_folder
from shared_platform.audit.seal import AuditSealing
from shared_platform.bulk_download.here import bulk_folder
from shared_platform.embeds.framing import problem_or_frame
from shared_platform.mail.sending import MailRun
from shared_platform.public_pages.site import hub_site
from shared_platform.routers import ACCOUNT_PAGES, PUBLIC_SITE
from shared_platform.search.foretell import CatalogueReads
from shared_platform.search.here import searching_in
from shared_platform.service import Loop
from shared_platform.serving import ServiceDescription, build_app, describe_app
from shared_platform.transport.read_budgets import Budget
from shared_platform.transport.request_head import BodyLimit
from shared_platform.workspace.navigation import Place, Workspace
from shared_platform.workspace.problem_pages import led_to_sign_in
from shared_schema.instants import SystemClock

TITLE: Final = "Kaixu hub"
ABOUT: Final = (
    "开许省级主平台接口：节点以 RFC 9421 签名调用 /federation，工作人员以令牌调用 /api，公众只读"
    "目录与日志。 / The hub of a patent open licensing network: nodes sign calls to /federation,"
    " staff send bearer tokens to /api, and everybody may read the catalogue and its log."
)
ROUTERS: Final[Sequence[APIRouter]] = (
    log_routes.router,
    *PUBLIC_SITE,
    snapshot_routes.router,
    issue_pages.router,
    issue_pages.feed_router,
    issue_routes.router,
    issue_routes.staff_router,
    *ACCOUNT_PAGES,
    intake_routes.router,
    intake_staff_routes.router,
    cosigning_routes.router,
    cosigning_routes.public_router,
    cosigning_routes.staff_router,
    own_record_routes.router,
    recovery_routes.router,
    node_routes.router,
    node_staff_routes.router,
    monitoring_routes.router,
    monitoring_staff_routes.router,
    review_routes.router,
    conflict_routes.router,
    listing_routes.router,
    erasure_routes.node_router,
    erasure_routes.router,
    staff_routes.router,
    audit_routes.router,
    static_files.router,
    dashboard_pages.router,
    queue_pages.router,
    selection_pages.router,
    review_pages.router,
    conflict_pages.router,
    withdrawal_pages.router,
    second_look_pages.router,
    erasure_pages.router,
    held_pages.router,
    *REGISTRY_ROUTERS,
)
PLACES: Final[Sequence[Place]] = (*REVIEW_PLACES, *REGISTRY_PLACES)
"""The menu of the staff's workspace, in its order."""
ON_ERASED: Final[Sequence[OnErased]] = (tell_snapshots,)
"""Who else keeps the bytes of statements, and removes them when they are erased."""


def build_hub_app(context: HubContext) -> ASGIApp:
    """The hub's HTTP application."""
    settings = context.settings
    small = BodyLimit(settings.max_body_bytes, settings.request_seconds)
    bulk = BodyLimit(settings.max_body_bytes, settings.bulk_request_seconds)
    searching = searching_in(settings)
    description = _description(
        quotas={Budget.ENROLMENT: settings.enrolment_limit},
        body_limits=(("/federation/v1/", small), ("/federation/v1/intake", bulk)),
        state={
            "hub_key": context.log_key,
            "anchor": context.log_key.anchor,
            "publish": publish,
            "searching": searching,
            "bulk": bulk_folder(settings),
            "outdated_through": files_outdated_through,
            "snapshots": context.snapshots.folder,
            "issues": context.issues,
            "site": hub_site(settings, context.log_key.anchor),
            "problem_page": led_to_sign_in(problem_or_frame),
            "workspace": Workspace(HUB_POLICY, PLACES, ROLE_TITLES),
            "intake_ports": INTAKE_PORTS,
            "intake_turns": IntakeTurns(
                at_once=settings.intake_at_once, waiting=settings.intake_waiting
            ),
            "on_erased": ON_ERASED,
        },
    )
    reads = CatalogueReads(
        lambda: settings, context.service.database.sessions, searching, context.service.clock
    )
    return build_app(context.service, replace(description, foretell=reads))


def describe_hub_app() -> FastAPI:
    """The application without a database: enough for its OpenAPI document."""
    return describe_app(SystemClock(), _description())


def hub_loops(context: HubContext) -> tuple[Loop, ...]:
    """What runs beside the HTTP application, or in a worker of its own."""
    service = context.service
    trail = audit_folder(context.settings.data_dir)
    archiving = Archiving(trail, context.settings.audit_days, KEPT_ACTS)
    chores = Chores(
        service.database.engine,
        service.database.sessions,
        service.clock,
        archiving,
        enrolment_days=context.settings.enrolment_days,
        dormancy_days=context.settings.dormancy_days,
    )
    sealing = AuditSealing(service.database.sessions, service.clock, trail)
    pace = SnapshotPace(context.settings.snapshot_entries, context.settings.snapshot_hours)
    renewing = SnapshotChore(context.snapshots, pace, service.signals, service.clock)
    key_ends = KeyEnds(service.database.sessions, service.signals, service.clock)
    own = (context.sequencer.run, chores.run, sealing.run, key_ends.run)
    mail = MailRun(service.database.sessions, context.settings, service.clock, service.signals)
    return (*own, renewing.run, _issue_chore(context).run, hub_watch(context).run, mail.run)


def _issue_chore(context: HubContext) -> IssueChore:
    return IssueChore(
        Issues(context.service.database.sessions, context.issues),
        context.log_key.anchor,
        Publisher.of(context.settings),
        context.service.signals,
        context.service.clock,
        automatic=context.settings.issue_monthly,
    )


def log_key_loop(context: HubContext) -> Loop:
    """Keeps to the log's key; in every process that runs beside others."""
    service = context.service
    return LogKeyFollowing(service.database.sessions, service.signals, context.log_key).run


def hub_watch(context: HubContext) -> Watch:
    """What raises and ends the hub's alarms."""
    settings, service = context.settings, context.service
    limits = Thresholds(
        silent=timedelta(seconds=settings.alarm_silence_seconds),
        behind=timedelta(seconds=settings.alarm_lag_seconds),
        gaps=timedelta(seconds=settings.alarm_gap_seconds),
        outbox=timedelta(seconds=settings.alarm_outbox_seconds),
        free_disk_share=settings.alarm_free_disk_share,
    )
    seen = context.sequencer.consequences.largest_cosigned
    watch = HubWatch(default_quota(settings), limits, seen, settings.data_dir)
    return Watch(service.database.sessions, service.clock, watch.look, WATCHED)


def _description(
    *,
    body_limits: tuple[tuple[str, BodyLimit], ...] = (),
    state: dict[str, Any] | None = None,
    quotas: Mapping[Budget, int] | None = None,
) -> ServiceDescription:
    return ServiceDescription(
        TITLE,
        ABOUT,
        HUB_POLICY,
        ROUTERS,
        body_limits=body_limits,
        state=state or {},
        quotas=quotas or {},
        complete=complete,
    )
