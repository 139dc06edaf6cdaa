"""A log over plain HTTP for readers outside: honest or lying, a few entries a page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import Final
from urllib.parse import parse_qs, urlsplit

from shared_schema.log_handover import write_handovers
from shared_schema.log_page import write_page
from shared_schema.log_proof import consistency_proof
from shared_schema.proof_text import write_proof
from tests.shared_platform.hub_log_peer import Federation, Liar, a_number

PAGE: Final = 7  # entries a page, so that every log here has several


@dataclass
class Served:
    """What a log answers over HTTP, and what it was asked for."""

    liar: Liar
    asked: list[str] = field(default_factory=list)

    def answer(self, target: str) -> bytes:
        self.asked.append(target.removeprefix("/federation/v1"))
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/checkpoint"):
            return self.liar.note(self.liar.hub)
        if parts.path.endswith("/consistency"):
            tree = self.liar.hub.tree
            sizes = int(query["from"]), int(query["to"])
            proof = consistency_proof(*sizes, lambda level, index: tree[level, index])
            return self.liar.proof(write_proof(proof).encode())
        if parts.path.endswith("/handovers"):
            listed = self.liar.walk(list(self.liar.hub.handed_over))
            return write_handovers([one for one in listed if one.serial >= int(query["from"])])
        first, limit = int(query["from"]), min(int(query["limit"]), PAGE)
        entries = self.liar.page(self.liar.hub.page(first, limit))
        if query.get("bodies") not in {"true", "1"}:
            entries = [replace(entry, object_bytes=None) for entry in entries]
        return self.liar.body(write_page(first, entries, tree_size=self.liar.hub.size))


class Server(ThreadingTCPServer):
    """Threads end with the server, and it holds no port afterwards."""

    daemon_threads = True
    allow_reuse_address = True


class Answering(BaseHTTPRequestHandler):
    """One request; a subclass says what is answered."""

    def answer(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        self.send_response_only(status)  # logs nothing
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(answering: Callable[[Answering], None]) -> Iterator[str]:
    """Answer GET requests at a free port of this machine; the address that leads there."""

    class Handler(Answering):
        def do_GET(self) -> None:
            answering(self)

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def listening(served: Served, folder: Path) -> Iterator[Path]:
    """The log at a free port of this machine; the anchor file that leads there."""
    with serving(lambda request: request.answer(served.answer(request.path))) as url:
        yield anchor_file(served.liar, folder, url)


def anchor_file(liar: Liar, folder: Path, url: str) -> Path:
    """The log's anchor with this address, as a file."""
    file = folder / "anchor.json"
    file.write_bytes(liar.hub.anchor.model_copy(update={"hub_url": url}).write())
    return file


def a_life() -> Federation:
    """A log with everything that nodes and the hub say in an ordinary year."""
    federation = Federation()
    first, second = federation.enrol("node-a"), federation.enrol("node-b")
    kept, going = federation.offer(first, a_number(1)), federation.offer(first, a_number(2))
    other = federation.offer(second, a_number(1))
    federation.decide(kept, other)
    federation.offer_again(kept)
    federation.change(going, "suspend")
    federation.change(going, "resume")
    federation.hub_change(other, "suspend")
    federation.change(other, "resume")
    federation.change(going, "withdraw")
    federation.erase(going.versions[0])
    federation.revoke(second)
    return federation
