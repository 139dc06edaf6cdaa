"""What an attack is to these tests: named, with one refusal of its own, done in several ways."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

Way = TypeVar("Way")


class Attacker(StrEnum):
    """Who does it, and so what he already has."""

    NETWORK = "network"  # sees and changes what is on the way; has no key
    HUB = "hub or mirror"  # a source of the log that lies, with or without the log key
    NODE = "node"  # enrolled, signs with its own keys
    THIEF = "thief"  # holds a node's key


class Family(StrEnum):
    """What is attacked; the title of its part in docs/attacks.md."""

    REQUEST = "Signed requests"
    STANDING = "Keys and nodes that may not"
    COSIGNING = "Cosignatures"
    KEYS = "Changes of keys"
    ERASURE = "Erasures"
    BODY = "Bodies and their compression"
    STATEMENT = "Statements"
    RECEIPT = "Receipts"
    CHECKPOINT = "Checkpoints"
    PAGE = "Pages of the log"
    GROWTH = "Growth of the log while it is followed"
    PROOF = "Proofs checked alone"
    TILE = "Tiles and bundles"
    ENTRY = "Entries of the log"
    SNAPSHOT = "Snapshots"


@dataclass(frozen=True, slots=True)
class Answered:
    """A problem document reduced to what is API in it."""

    status: int
    problem: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attack(Generic[Way]):
    """One attack and its refusal.

    Attributes:
        name: what is done, unique among all attacks.
        problem: the row of the problem table; None where an entry is set aside by its reader.
        code: the one in `errors`, or of the quarantine, that no other attack of the family has.
        ways: mutations that whoever refuses cannot tell apart, so that they share the code.
        keeps: tables in which the refusal leaves evidence; everywhere else nothing changes.
    """

    name: str
    family: Family
    by: Attacker
    problem: ProblemType | None
    code: str
    ways: Mapping[str, Way]
    keeps: frozenset[str] = field(default=frozenset())

    def is_answered_by(self, answered: Answered) -> bool:
        """Whether an HTTP answer is this attack's refusal."""
        return (
            self.problem is not None
            and (answered.status, answered.problem)
            == (self.problem.value.status, self.problem.code)
            and self.code in answered.codes
        )

    def is_met_by(self, refusal: DomainError) -> bool:
        """Whether a refusal is this attack's."""
        codes = [error.code for error in refusal.errors]
        return refusal.problem is self.problem and self.code in codes
