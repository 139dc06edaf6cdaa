"""What the demonstration does, step by step, as its people would: by command and over HTTP."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.desk import Desk
from deploy.demo.guests import Guest
from deploy.demo.holder import register_holder
from deploy.demo.processes import DemoFailed, Place, run_program

WAIT_SECONDS = 60.0
SAMPLES = Path(__file__).parent.parent / "samples"
_REGISTRARS = ("registrar-1", "registrar-2")
_EXAMINERS = ("examiner-1", "examiner-2")
_STAFF = (
    "registrar-1:node_registrar",
    "registrar-2:node_registrar",
    "examiner-1:examiner,catalogue_manager",
    "examiner-2:examiner,catalogue_manager",
    "security-1:security_administrator",
    "auditor-1:auditor",
)


@dataclass(slots=True)
class Story:
    """The federation of the demonstration, and what came of it so far."""

    hub: Place
    nodes: tuple[Place, ...]
    say: Callable[[str], None]
    tokens: dict[str, str] = field(default_factory=dict)
    guests: list[Guest] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)

    def set_up(self) -> None:
        """Make keys, databases and accounts of all three."""
        self.say("1 建立主平台和两个分平台 / set up the hub and two nodes")
        arguments = ["init", "--json", *(word for one in _STAFF for word in ("--staff", one))]
        made = _facts(self.hub, *arguments)
        self.tokens |= made["tokens"]
        self.guests = [Guest(self.hub, *one) for one in made["invitations"].items()]
        for node in self.nodes:
            done = _facts(node, "init", "--json")
            self.tokens[node.name] = done["token"]
            self.guests.append(Guest(node, done["operator"], done["invitation"]))

    def run(self) -> None:
        """The main job, once the three are serving."""
        self.enrol()
        self.register()
        self.declare()
        self.review()
        self.spread()
        self.withdraw()
        self.prove()

    def enrol(self) -> None:
        """Let each node ask to join, and two people confirm what its operator reads out."""
        self.say(
            "2 分平台登记，两位管理员核对指纹 / nodes enrol, two registrars compare fingerprints"
        )
        anchor = str(self.hub.folder / "anchor.json")
        for node in self.nodes:
            asked = _facts(node, "enrol", "--anchor", anchor, "--json")
            path = f"/api/v1/enrolments/{asked['enrolment']}/confirmations"
            for registrar in _REGISTRARS:
                self._desk(registrar).send("POST", path, {"fingerprint": asked["fingerprint"]})

    def register(self) -> None:
        """Let a holder register at the first node; what they do next is up to the visitor."""
        node = self.nodes[0]
        self.guests.append(register_holder(node, Desk(node.url, self.tokens[node.name])))

    def declare(self) -> None:
        """Import real listings, check them, and recommend what passes."""
        self.say("3 导入真实许可信息，核查，报送 / import real listings, check, recommend")
        imported = refused = recommended = 0
        for node in self.nodes:
            report = _facts(node, "import", *_import_arguments(node))
            _facts(node, "check", "--json")
            sent = _facts(node, "recommend", "--accept-unchecked", "--json")
            imported += report["drafts"]
            refused += report["outcomes"]["refused"]
            recommended += sent["recommended"]
            self.say(
                f"  {node.title}: 读取 read {report['rows_read']}，草稿 drafts {report['drafts']}，"
                f"拒绝 refused {report['outcomes']['refused']}，报送 sent {sent['recommended']}\n"
                f"    逐行报告 report {report['report']}"
            )
            self._settle(node)
        self.counts |= {"imported": imported, "refused": refused, "recommended": recommended}

    def review(self) -> None:
        """Return one with a reason, approve the rest; a second examiner where it is needed."""
        self.say(
            "4 审核：退回一件，批准其余，冲突待决 / review: return one, approve, hold conflicts"
        )
        first = self._desk(_EXAMINERS[0]).get("/api/v1/reviews?finding=DEC-09&limit=1")
        seen = first["items"][0]
        reasons = [{"code": "period_too_short", "text": "演示：请与权利人确认能否延长许可期限"}]
        verdict = {
            "verdict": "return",
            "statement_hash": seen["statement_hash"],
            "reasons": reasons,
        }
        path = f"/api/v1/reviews/{seen['review']}"
        examiner = self._desk(_EXAMINERS[0])
        examiner.send("POST", f"{path}/claim", {})
        examiner.send("PUT", f"{path}/decision", verdict)
        steps = (("waiting", "decisions"), ("second_review", "confirmations"))
        for name, (state, act) in zip(_EXAMINERS, steps, strict=True):
            wanted = {"states": [state], "opened_until": self._hub_time()}
            decision = {"verdict": "approve", "reasons": [], "filter": wanted}
            self._desk(name).send("POST", f"/api/v1/reviews/{act}", decision)
        self._wait("等待公示 / waiting for the log", self._all_sequenced)
        self.counts |= _decided(self._review_counts())

    def spread(self) -> None:
        """Wait until both nodes hold all of the hub's log."""
        self.say("5 分平台拉取并逐条验证 / the nodes pull, each entry proven")
        self._wait("等待目录一致 / waiting for equal copies", self._all_equal)

    def prove(self) -> None:
        """Let hub and nodes prove their copies from raw rows, and compare them."""
        self.say("7 三方各自核验副本并比对 / all three prove their copies, which must be equal")
        proofs = [_facts(node, "verify", "--json") for node in self.nodes]
        hub = _facts(self.hub, "verify", "--json")
        digests = {proof["digest"] for proof in (*proofs, hub)}
        self.counts |= {"log_size": hub["log_size"], "nodes_equal": len(digests) == 1}

    def withdraw(self) -> None:
        """Withdraw one listing at its node and see it gone at the other."""
        self.say("6 撤回一件，看它在另一分平台消失 / withdraw one, see it gone at the other node")
        origin, other = self.nodes
        listing = self._published(other, origin.name)[0]
        _facts(origin, "withdraw", listing, "--all-owners-consent", "--json")
        started = time.monotonic()
        self._wait("等待撤回 / waiting for it", lambda: self._state(other, listing) == "withdrawn")
        self.say(f"  {listing} 已撤回 withdrawn，{time.monotonic() - started:.1f} s")
        self._wait("等待目录一致 / waiting for equal copies", self._all_equal)

    def _desk(self, name: str) -> Desk:
        return Desk(self.hub.url, self.tokens[name])

    def _settle(self, node: Place) -> None:
        operator = Desk(node.url, self.tokens[node.name])

        def delivered() -> bool:
            counts: dict[str, int] = operator.get("/api/v1/deliveries/standing")["counts"]
            return not counts.get("waiting") and not counts.get("leased")

        self._wait("等待送达 / waiting for delivery", delivered)

    def _all_sequenced(self) -> bool:
        counts = self._review_counts()
        return not any(counts.get(state) for state in ("waiting", "claimed", "approved"))

    def _review_counts(self) -> dict[str, int]:
        rows = self._desk(_EXAMINERS[0]).get("/api/v1/reviews/counts")
        return {row["state"]: row["count"] for row in rows}

    def _all_equal(self) -> bool:
        sizes = {self._log_size(place) for place in (self.hub, *self.nodes)}
        return len(sizes) == 1

    def _log_size(self, place: Place) -> int:
        page = httpx.get(f"{place.url}/api/v1/catalogue/listings?limit=1", trust_env=False).json()
        return int(page["log_size"])

    def _published(self, place: Place, origin: str) -> list[str]:
        url = f"{place.url}/api/v1/catalogue/listings?origin={origin}&limit=100"
        return [one["listing"] for one in httpx.get(url, trust_env=False).json()["items"]]

    def _state(self, place: Place, listing: str) -> str:
        url = f"{place.url}/api/v1/catalogue/listings/{listing}"
        return str(httpx.get(url, trust_env=False).json()["state"])

    def _hub_time(self) -> str:
        known = httpx.get(f"{self.hub.url}/.well-known/kaixu", trust_env=False).json()
        return str(known["server_time"])

    def _wait(self, what: str, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise DemoFailed(f"{what}: {WAIT_SECONDS:.0f} s")
            time.sleep(0.1)


def _facts(place: Place, *arguments: str) -> dict[str, Any]:
    printed = run_program(place, arguments).stdout
    facts: dict[str, Any] = json.loads(printed)
    return facts


def _import_arguments(node: Place) -> list[str]:
    return [
        str(SAMPLES / f"{node.folder.name}.csv"),
        *("--profile", "kaixu", "--rules", "pilot-gd-2022"),
        *("--contact-name", "演示联系人", "--contact-phone", "020-00000000"),
        *("--commitments-by", "演示签署人", "--commitments-on", "2023-05-01"),
        *("--holders-consent", "--json"),
    ]


def _decided(counts: Mapping[str, int]) -> dict[str, int]:
    return {
        "approved": counts.get("approved", 0) + counts.get("sequenced", 0),
        "returned": counts.get("returned", 0),
        "conflicts": counts.get("conflict_hold", 0),
    }
