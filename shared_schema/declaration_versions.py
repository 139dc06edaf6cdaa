"""Which versions of the declaration's schema this program reads, and how (protocol §13).

A new version is one file beside this one, with its model and a function that makes of its body what
the program works with (`Declaration`), and one line in `READERS`. The newest two are accepted at
the intake, so that a hub serves nodes of its own version and of the one before; older ones stay
readable for ever, because the log holds them for ever.
"""

from collections.abc import Callable, Mapping
from typing import Final

from shared_schema.declaration import DECLARATION_SCHEMA, Declaration

ACCEPTED_VERSIONS: Final = 2

Reader = Callable[[Mapping[str, object]], Declaration]
"""Makes a declaration of a body; members it does not know are left out.

Raises `pydantic.ValidationError` where a known member does not fit.
"""


def _read_first(body: Mapping[str, object]) -> Declaration:
    return Declaration.model_validate(body, extra="ignore")


READERS: Final[dict[str, Reader]] = {DECLARATION_SCHEMA: _read_first}


def accepted_schemas() -> tuple[str, ...]:
    """The schema ids an intake accepts, newest first: this version's and that of the one before."""
    return tuple(sorted(READERS, key=_version, reverse=True)[:ACCEPTED_VERSIONS])


def is_newer(schema_id: str) -> bool:
    """Whether the id is of a later version than this program knows."""
    kind, _, version = schema_id.partition("/")
    known = accepted_schemas()[0]
    is_ours = kind == known.partition("/")[0]
    return is_ours and version.isdecimal() and int(version) > _version(known)


def _version(schema_id: str) -> int:
    return int(schema_id.partition("/")[2])
