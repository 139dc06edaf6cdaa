"""What imports and checks work with: the same for every call in one process."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.identities import IdSource
from shared_schema.instants import Clock
from subplatform.patent_register.register import PatentRegister

Progress = Callable[[int, int | None], None]
"""Told what is done and, where it is known, of how many, after each batch."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Long work opens a transaction for each batch and asks the register between them."""

    sessions: async_sessionmaker[AsyncSession]
    register: PatentRegister
    clock: Clock
    ids: IdSource
