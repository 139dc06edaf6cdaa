"""Refusals of the hub's log."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class LogNotOpened(DomainError):
    """The log has no first entry or no checkpoint yet; `open_log` and the sequencer make them."""

    problem = ProblemType.SEQUENCER_PAUSED


class SequencerPaused(DomainError):
    """A node has cosigned more than this hub holds: entries are missing here, nothing is signed."""

    problem = ProblemType.SEQUENCER_PAUSED


class NodesNotHeard(SequencerPaused):
    """Nodes have not said yet how much they have seen of the log, since this process began."""


class LogKeyMissing(SequencerPaused):
    """A private key that must sign the next checkpoint is not on this machine."""


class LogKeyStale(DomainError):
    """The log's keys do not allow this now; the detail says what comes first."""

    problem = ProblemType.STATE_CONFLICT


class LogBelongsToAnother(DomainError):
    """The stored log was opened under another federation, name or key than the settings say."""

    problem = ProblemType.STATE_CONFLICT


class BeyondLog(DomainError):
    """The signed log does not reach there (yet)."""

    problem = ProblemType.NOT_FOUND


class NoSuchObject(DomainError):
    """No entry of the log names a statement with this hash."""

    problem = ProblemType.NOT_FOUND


class ObjectGone(DomainError):
    """The statement was erased by law; the entries that name its hash stay (protocol §11)."""

    problem = ProblemType.OBJECT_ERASED


class NoSuchSnapshot(DomainError):
    """There is no such snapshot (any more); the log's pages have everything."""

    problem = ProblemType.NOT_FOUND


class HeldEntryNotFound(DomainError):
    """No held entry has that id."""

    problem = ProblemType.NOT_FOUND
