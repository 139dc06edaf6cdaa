"""What the operator adds to every row: published lists carry no contact and no commitments."""

from dataclasses import dataclass

from shared_schema.declaration import COMMITMENTS, Commitment, Contact
from shared_schema.instants import Instant


@dataclass(frozen=True, slots=True)
class Supplied:
    """Members for the whole batch, used where a row has none of its own.

    `holders_consent`: the operator holds the written consent of every holder of every row (Patent
    Law art. 14).
    """

    contact: Contact | None = None
    commitments: tuple[Commitment, ...] = ()
    holders_consent: bool = False


NOTHING = Supplied()


def all_commitments(
    *, signer: str, signed_at: Instant, text_version: str
) -> tuple[Commitment, ...]:
    """The four promises of the form, signed by one person on one paper."""
    return tuple(
        Commitment(code=code, text_version=text_version, signer=signer, signed_at=signed_at)
        for code in COMMITMENTS
    )
