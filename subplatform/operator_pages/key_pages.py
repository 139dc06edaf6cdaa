"""The node's keys as the log has them; what must be done on the command line says so."""

from typing import Any, Final

from fastapi import APIRouter, Response

from shared_platform.database.transaction import Now, Transaction
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.workspace_page import show_page
from shared_schema.enrolment import KEY_USES
from shared_schema.instants import Instant
from subplatform.catalogue_mirror.own_keys import OwnKey, read_own_keys
from subplatform.hub_client.key_files import has_next
from subplatform.hub_client.node_keys import KeyRing
from subplatform.operator_pages.callers import SiteManager
from subplatform.operator_pages.key_words import KEY_WORDS, USE_WORDS

router = APIRouter(include_in_schema=False)
_COMMANDS: Final = (
    ("do_show", "kaixu-node keys show"),
    ("do_rotate", "kaixu-node keys rotate --use statement"),
    ("do_emergency", "kaixu-node keys rotate --use statement --recovery FILE"),
    ("do_revoke", "kaixu-node keys revoke --recovery FILE --use statement"),
)


@router.get("/keys")
async def keys_page(visit: SiteManager, session: Transaction, now: Now) -> Response:
    """Fingerprints, states and ends; nothing here changes a key."""
    state, reader = visit.request.app.state, visit.reader
    ring: KeyRing = state.keys
    current = {"statement": ring.statement().key_id, "cosigner": ring.cosigner().key_id}
    keys = await read_own_keys(session, state.settings.node)
    anchor = state.read_anchor()
    folder = state.settings.data_dir / "keys"
    facts: dict[str, Any] = {
        "anchor": anchor.fingerprint() if anchor else "",
        "lines": [_line(one, reader, set(current.values()), now=now) for one in keys],
        "present": [(reader.says(USE_WORDS[use]), key_id) for use, key_id in current.items()],
        "unfinished": [reader.says(USE_WORDS[use]) for use in KEY_USES if has_next(folder, use)],
        "commands": [(reader.says(KEY_WORDS[name]), line) for name, line in _COMMANDS],
    }
    return show_page(visit, "subplatform.operator_pages:keys_page.html", facts, words=KEY_WORDS)


def _line(key: OwnKey, reader: Reader, current: set[str], *, now: Instant) -> dict[str, Any]:
    warning = key.warning(now)
    if key.revoked_at is not None:
        said = reader.says(KEY_WORDS["revoked"]).format(key.revoked_at)
    elif key.not_after is not None and key.not_after <= now:
        said = reader.says(KEY_WORDS["ended"])
    else:
        said = reader.says(KEY_WORDS["in_use" if key.key_id in current else "valid"])
    soon = reader.says(KEY_WORDS["ends_soon"])
    return {
        "key_id": key.key_id,
        "use": reader.says(USE_WORDS[key.use]),
        "state": said,
        "added": reader.says(KEY_WORDS["added"]).format(key.added_at),
        "until": key.not_after,
        "warning": soon.format(warning) if warning is not None else "",
    }
