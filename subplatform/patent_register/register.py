"""The interface of the patent register, and the adapter of a node that has none."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from shared_schema.register_facts import RegisterFacts


class PatentRegister(Protocol):
    """A source of register facts. It may be slow, old or incomplete; every fact carries its day."""

    async def facts(self, numbers: Iterable[str]) -> Mapping[str, RegisterFacts]:
        """The facts of those application numbers that the register knows."""
        ...


class NoRegister:
    """A node without register access: nothing is known, so the rules say what was not checked."""

    async def facts(self, numbers: Iterable[str]) -> Mapping[str, RegisterFacts]:
        """Nothing."""
        del numbers
        return {}
