"""The table of measurements: what `--only` names, in the order they run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from deploy.bench.bootstrap import measure_bootstrap
from deploy.bench.delta import measure_delta
from deploy.bench.downloading import measure_download
from deploy.bench.figures import Measured
from deploy.bench.idle import measure_idle_poll
from deploy.bench.importing import measure_import
from deploy.bench.intake import measure_intake
from deploy.bench.lookups import measure_lookups
from deploy.bench.memory import measure_memory
from deploy.bench.month import measure_month
from deploy.bench.neighbours import measure_neighbours
from deploy.bench.peer_search import measure_peer_search
from deploy.bench.peers import measure_peers
from deploy.bench.publishing import measure_publishing
from deploy.bench.searching import measure_search
from deploy.bench.sequencing import measure_sequencer
from deploy.bench.signatures import measure_guard, measure_signatures
from deploy.bench.starting import measure_help, measure_start
from deploy.bench.world import World


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the goals in docs/performance.md, or a part that they rest on."""

    id: str
    title: str
    measure: Callable[[World], Awaitable[Measured]]


PEERS: Final = (
    Measurement("peers", "pycsw harvested, beside our own copy", measure_peers),
    Measurement(
        "peer-search", "pycsw and Kinto searched, beside our own search", measure_peer_search
    ),
)
"""These install a program from the package registry, so only who asks for them gets them."""

MEASUREMENTS: Final = (
    Measurement("B1", "import and check of a spreadsheet", measure_import),
    Measurement("B2", "intake of signed statements", measure_intake),
    Measurement("B3", "sequencer with tiles and checkpoint", measure_sequencer),
    Measurement("B4", "verified bootstrap of a fresh node", measure_bootstrap),
    Measurement("B5", "delta pull after 100 changes", measure_delta),
    Measurement("B6", "idle poll", measure_idle_poll),
    Measurement("B7", "approval and withdrawal to all nodes (B7, B8)", measure_publishing),
    Measurement("month", "a node back after 30 days", measure_month),
    Measurement("B10", "listings over HTTP, and the hub's memory", measure_lookups),
    Measurement("B11", "the whole catalogue as one file", measure_download),
    Measurement("B9", "search, index, start and memory (B9, B12-B14)", measure_search),
    Measurement("B14", "memory of every process under load", measure_memory),
    Measurement("B13", "start to ready", measure_start),
    Measurement("R9", "what a flooding node costs another", measure_neighbours),
    Measurement("signatures", "signing and verifying", measure_signatures),
    Measurement("guard", "the request guard's cost", measure_guard),
    Measurement("help", "the command line's --help", measure_help),
    *PEERS,
)
