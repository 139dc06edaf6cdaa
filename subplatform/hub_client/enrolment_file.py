"""The enrolment request as it was first sent, so that asking again sends the same one."""

from collections.abc import Callable
from pathlib import Path

from shared_schema.bounded_json import parse_json
from shared_schema.enrolment import EnrolmentRequest, read_enrolment


def remembered_request(
    folder: Path, key_id: str, make: Callable[[], EnrolmentRequest]
) -> EnrolmentRequest:
    """The stored request while it is for the statement key `key_id`; else one is made and stored.

    The keys' dates are part of the request, so making it anew each day would look like another.

    Raises:
        EnrolmentInvalid: the stored file was changed into something else.
    """
    file = folder / "enrolment.json"
    if file.exists():
        stored = read_enrolment(parse_json(file.read_bytes()))
        if stored.statement_key().key_id == key_id:
            return stored
    made = make()
    file.write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return made
