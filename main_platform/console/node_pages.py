"""The nodes as the hub's staff see them: the list, and one node with all that is known of it."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from main_platform.audit.act_words import ACT_TITLES
from main_platform.console.node_view import key_lines, lines_of, region_names
from main_platform.console.node_words import (
    ACTIONS,
    KEY_STATES,
    KEY_USES,
    NODE_STATES,
    NODE_WORDS,
    TROUBLES,
)
from main_platform.monitoring.health import read_health
from main_platform.monitoring.routes import DefaultQuota
from main_platform.nodes.enrol import list_enrolments, newest_enrolment
from main_platform.nodes.read_nodes import find_node, list_nodes
from main_platform.nodes.revocations import list_revocations
from main_platform.nodes.states import NODE_TRANSITIONS, NodeState
from main_platform.settings import HubSettings
from main_platform.staff.permissions import Permission
from shared_platform.audit.search import TrailQuery, search_trail
from shared_platform.audit_desk.act_words import SHARED_ACT_TITLES
from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.statement import NodeId

router = APIRouter(include_in_schema=False)
_reading = Depends(page_caller_with(Permission.READ_NODES), scope="function")
ReadingNodes = Annotated[Visit, _reading]
PATH: Final = "/console/nodes"
_ACTS: Final = 10


def may_manage(visit: Visit) -> bool:
    """Whether the visitor may change nodes, not only look at them."""
    policy: AccessPolicy = visit.request.app.state.access_policy
    return policy.allows(visit.caller, Permission.MANAGE_NODES)


@router.get(PATH)
async def nodes_page(
    visit: ReadingNodes,
    session: Transaction,
    quota: DefaultQuota,
    now: Now,
    state: Annotated[str, Query(max_length=20)] = "",
    trouble: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """All nodes with their health; those with trouble alone if asked."""
    health = await read_health(session, default=quota, now=now)
    nodes = await list_nodes(session, now=now)
    lines = [
        line
        for line in lines_of(nodes, health, _settings(visit.request), now=now)
        if (not state or line.out.state == state) and (not trouble or line.troubles)
    ]
    waiting = await list_enrolments(session, state="waiting")
    facts = {
        "lines": lines,
        "waiting": len(waiting),
        "state": state,
        "trouble": trouble,
        **_titles(visit),
    }
    return show_page(visit, "main_platform.console:nodes.html", facts, words=NODE_WORDS)


@router.get(f"{PATH}/{{node}}")
async def node_page(
    visit: ReadingNodes,
    node: NodeId,
    session: Transaction,
    quota: DefaultQuota,
    now: Now,
) -> Response:
    """One node: identity and keys, scope and quota, standing, health, what was done to it."""
    out = await find_node(session, node, now=now)
    health = await read_health(session, default=quota, now=now, node=node)
    (line,) = lines_of([out], health, _settings(visit.request), now=now)
    enrolment = await newest_enrolment(session, node)
    waiting = await list_revocations(session, state="waiting")
    acts = await search_trail(session, TrailQuery(kind="node", subject=node), limit=_ACTS)
    facts = {
        "line": line,
        "keys": key_lines(out, now=now),
        "enrolment": enrolment,
        "revocations": [one for one in waiting if one.node == node],
        "acts": acts.records,
        "act_titles": _act_titles(visit),
        "regions": region_names(out.scope["regions"], visit.reader),
        "may_manage": may_manage(visit),
        "actions": [
            (action.value, visit.reader.says(ACTIONS[action.value]))
            for at, action in NODE_TRANSITIONS
            if at == NodeState(out.state) and action.value in ACTIONS
        ],
        **_titles(visit),
    }
    return show_page(visit, "main_platform.console:node.html", facts, words=NODE_WORDS)


def _act_titles(visit: Visit) -> dict[str, str]:
    every = {**SHARED_ACT_TITLES, **ACT_TITLES}
    return {name: visit.reader.says(one) for name, one in every.items()}


def _titles(visit: Visit) -> dict[str, Any]:
    says = visit.reader.says
    groups = {
        "states": NODE_STATES,
        "troubles": TROUBLES,
        "key_uses": KEY_USES,
        "key_states": KEY_STATES,
    }
    return {name: {key: says(one) for key, one in words.items()} for name, words in groups.items()}


def _settings(request: Request) -> HubSettings:
    settings: HubSettings = request.app.state.settings
    return settings
