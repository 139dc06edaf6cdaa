"""Write the generated parts of the manual: `python -m deploy.write_docs`.

A generated part stands between `<!-- generated: name -->` and `<!-- end -->`; everything around it
is written by hand and stays. The tests compare every part with what this module makes, so a page
cannot say something else than the code.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args

from deploy.drill.crash_points import LINE_POINTS
from main_platform.application import describe_hub_app
from main_platform.erasure.states import ERASURE_TRANSITIONS
from main_platform.nodes.states import NODE_TRANSITIONS
from main_platform.review.reason_codes import reason_codes
from main_platform.review.states import TRANSITIONS as REVIEW_TRANSITIONS
from main_platform.settings import HubSettings
from main_platform.staff.permissions import HUB_POLICY
from shared_platform.alarms.codes import AlarmCode
from shared_platform.failpoint import POINTS
from shared_platform.settings import settings_table
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.transport.breaker import TRANSITIONS as BREAKER_TRANSITIONS
from shared_schema.catalogue_state import TRANSITIONS as LISTING_TRANSITIONS
from shared_schema.log_entry import LogEntry
from shared_schema.problem import ProblemType
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.accounts.states import MANDATE_TRANSITIONS, ORGANISATION_TRANSITIONS
from subplatform.declarations.import_jobs import TRANSITIONS as IMPORT_TRANSITIONS
from subplatform.declarations.states import TRANSITIONS as DECLARATION_TRANSITIONS
from subplatform.outbox.states import TRANSITIONS as DELIVERY_TRANSITIONS
from subplatform.settings import NodeSettings

_ROOT: Final = Path(__file__).resolve().parents[1]
DOCS: Final = _ROOT / "docs"
GOLDEN: Final = _ROOT / "tests" / "vectors" / "golden"
_PART: Final = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_OUTSIDE: Final = "[*]"
Transitions = Iterable[tuple[tuple[Enum | None, Enum | str], Enum]]
"""The items of a transition table: a mapping could not take tables of narrower types."""


def render(page: str) -> str:
    """The page with every generated part made anew.

    Raises:
        KeyError: the page names a part that this module does not make.
    """

    def fill(part: re.Match[str]) -> str:
        return f"{part.group(1)}{PARTS[part['name']]()}{part.group(3)}"

    return _PART.sub(fill, page)


def state_diagram(transitions: Transitions) -> str:
    """A transition table as a Mermaid state diagram; actions between two states share an arrow.

    A thing begins in the state that the table names first, or by the actions on None. A state that
    nothing leads out of ends it.
    """
    arrows: dict[tuple[str, str], list[str]] = {}
    for (before, action), after in transitions:
        start = _OUTSIDE if before is None else str(before.value)
        if not arrows and before is not None:
            arrows[_OUTSIDE, start] = []
        done = arrows.setdefault((start, str(after.value)), [])
        done.append(str(action.value if isinstance(action, Enum) else action))
    left = {start for start, _ in arrows}
    ends = dict.fromkeys(end for _, end in arrows if end not in left)
    lines = [f"    {start} --> {end}{_label(done)}" for (start, end), done in arrows.items()]
    lines += [f"    {end} --> {_OUTSIDE}" for end in ends]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```\n"])


def problem_table() -> str:
    """Every problem: code, status, meaning, cause, what to do, whether to send it again."""
    causes = tomllib.loads((DOCS / "problems.toml").read_text(encoding="utf-8"))
    rows = [
        f"| <a id='{one.code}'></a>`{one.code}` | {one.value.status} |"
        f" {one.value.title_zh}<br>{one.value.title_en} | {causes[one.code]} |"
        f" {one.value.remedy_zh}<br>{one.value.remedy_en} |"
        f" {'yes' if one.value.retryable else ''} |"
        for one in ProblemType
    ]
    head = "| Code | Status | Meaning | Cause | What to do | Again |"
    return _table(head, rows)


def entry_table() -> str:
    """Every kind of log entry with its members; those with `?` may be absent."""
    rows = []
    for model in get_args(LogEntry):
        kind = model.model_fields["kind"].default
        own = {
            name: field
            for name, field in model.model_fields.items()
            if name not in {"v", "at", "crit", "kind"}
        }
        members = ", ".join(
            f"`{name}`{'' if field.is_required() else '?'}" for name, field in own.items()
        )
        rows.append(f"| `{kind}` | {_first_sentence(model.__doc__)} | {members} |")
    return _table("| Kind | Says | Members |", rows)


def endpoint_table() -> str:
    """The federation interface as the hub's API document has it."""
    rows = [
        f"| {method.upper()} `{path}` | {_first_sentence(operation.get('description'))} |"
        for path, methods in describe_hub_app().openapi()["paths"].items()
        if not path.startswith("/api/")
        for method, operation in methods.items()
    ]
    return _table("| Method and path | Effect |", sorted(rows, key=lambda row: row.split()[2]))


def alarm_table() -> str:
    """Every alarm: code, meaning, whether to call somebody at once, what to do."""
    rows = [
        f"| <a id='alarm-{one.code}'></a>`{one.code}` | {one.value.title_zh}<br>"
        f"{one.value.title_en} | {'yes' if one.value.is_critical else ''} |"
        f" {one.value.remedy_zh}<br>{one.value.remedy_en} |"
        for one in AlarmCode
    ]
    return _table("| Code | Meaning | Critical | What to do |", rows)


def role_table(policy: AccessPolicy) -> str:
    """Roles and what each may do."""
    rows = [
        f"| `{role}` | {', '.join(sorted(f'`{one.value}`' for one in granted))} |"
        for role, granted in policy.grants.items()
    ]
    return _table("| Role | May |", rows)


def reason_table() -> str:
    """The hub's coded reasons, by what they serve."""
    rows = [
        f"| `{one.code}` | {', '.join(sorted(one.verdicts))} | {one.rule or '–'} |"
        f" {one.zh}<br>{one.en} |"
        for one in reason_codes().values()
    ]
    return _table("| Code | Serves | Rule | Text |", rows)


def failpoint_table() -> str:
    """Every crash point of the code and of the line, and what has happened when it is reached."""
    points = {**POINTS, **LINE_POINTS}
    return _table(
        "| Point | Reached |", [f"| `{name}` | {what} |" for name, what in points.items()]
    )


def statement_vector() -> str:
    """The golden offer: payload laid out for reading, and the hashes of its exact bytes."""
    signed = _golden("statement")["statements"][0]
    payload = json.dumps(json.loads(signed["payload"]), ensure_ascii=False, indent=1)
    envelope = json.loads(signed["envelope"])
    return _block("json", payload) + _block(
        "text",
        f"payload_hash  {signed['payload_hash']}\nobject_hash   {signed['object_hash']}",
        f"keyid         {envelope['signatures'][0]['keyid']}",
        f"sig           {envelope['signatures'][0]['sig']}",
    )


def request_vector() -> str:
    """The golden request as it is sent, and the bytes that are signed."""
    request = _golden("message")["request"]
    head = [f"{name}: {value}" for name, value in request["headers"]]
    sent = _block("http", f"{request['method']} {request['target_uri']}", *head)
    return sent + _block("text", request["signature_base"])


def receipt_vector() -> str:
    """The golden receipt: body, fields, and the bytes that are signed."""
    receipt = _golden("message")["receipt"]
    head = [f"{name}: {value}" for name, value in receipt["headers"]]
    sent = _block("http", f"HTTP/1.1 {receipt['status']}", *head, "", receipt["body"])
    return sent + _block("text", receipt["signature_base"])


def log_vector() -> str:
    """The golden log: its entries, leaf hashes, root, checkpoint and one offline proof."""
    log = _golden("log")
    leaves = zip(log["entries"], log["leaf_hashes"], strict=True)
    entries = [f"{place}  {leaf}\n   {entry}" for place, (entry, leaf) in enumerate(leaves)]
    return (
        _block("text", *entries, f"root of 5  {log['roots'][5]}")
        + _block("text", log["checkpoint"].rstrip("\n"))
        + _block("text", log["offline_proof"].rstrip("\n"))
    )


def anchor_vector() -> str:
    """The golden anchor and enrolment with their fingerprints."""
    anchor, enrolment = _golden("anchor"), _golden("enrolment")
    return (
        _block("json", anchor["file"].rstrip("\n"))
        + _block("text", f"fingerprint  {anchor['fingerprint']}")
        + _block("json", json.dumps(enrolment["body"], ensure_ascii=False, indent=1))
        + _block("text", enrolment["fingerprint_of"], f"fingerprint  {enrolment['fingerprint']}")
    )


def main() -> None:
    """Write the generated parts of every page."""
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        page.write_text(render(text), encoding="utf-8")


def _golden(name: str) -> Any:  # noqa: ANN401 - JSON of our own making
    return json.loads((GOLDEN / f"{name}.json").read_bytes())


def _block(language: str, *lines: str) -> str:
    return "\n".join([f"```{language}", *lines, "```\n"])


def _label(actions: list[str]) -> str:
    return f": {', '.join(actions)}" if actions else ""


def _first_sentence(text: str | None) -> str:
    line = " ".join((text or "").split("\n\n")[0].split())
    return line.replace("|", "\\|")


def _table(head: str, rows: Iterable[str]) -> str:
    rule = "|" + "---|" * (head.count("|") - 1)
    return "\n".join([head, rule, *rows]) + "\n"


def _diagram(transitions: Transitions) -> Callable[[], str]:
    return lambda: state_diagram(transitions)


PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "problems": problem_table,
    "entries": entry_table,
    "endpoints": endpoint_table,
    "alarms": alarm_table,
    "reasons": reason_table,
    "failpoints": failpoint_table,
    "hub-settings": lambda: settings_table(HubSettings),
    "node-settings": lambda: settings_table(NodeSettings),
    "hub-roles": lambda: role_table(HUB_POLICY),
    "node-roles": lambda: role_table(NODE_POLICY),
    "vector-statement": statement_vector,
    "vector-request": request_vector,
    "vector-receipt": receipt_vector,
    "vector-log": log_vector,
    "vector-anchor": anchor_vector,
    "lifecycle-declaration": _diagram(DECLARATION_TRANSITIONS.items()),
    "lifecycle-organisation": _diagram(ORGANISATION_TRANSITIONS.items()),
    "lifecycle-mandate": _diagram(MANDATE_TRANSITIONS.items()),
    "lifecycle-delivery": _diagram(DELIVERY_TRANSITIONS.items()),
    "lifecycle-import": _diagram(IMPORT_TRANSITIONS.items()),
    "lifecycle-review": _diagram(REVIEW_TRANSITIONS.items()),
    "lifecycle-listing": _diagram(LISTING_TRANSITIONS.items()),
    "lifecycle-erasure": _diagram(ERASURE_TRANSITIONS.items()),
    "lifecycle-node": _diagram(NODE_TRANSITIONS.items()),
    "lifecycle-breaker": _diagram(BREAKER_TRANSITIONS.items()),
}

if __name__ == "__main__":
    main()
