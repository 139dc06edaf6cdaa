"""The enrolment request as it was first sent, so that asking again sends the same one."""

from pathlib import Path

from shared_schema.bounded_json import parse_json
from shared_schema.enrolment import EnrolmentRequest, read_enrolment


def remembered_request(folder: Path, wanted: EnrolmentRequest) -> EnrolmentRequest:
    """The stored request while it names the same keys; else `wanted`, which is then stored.

    The keys' dates are part of the request, so making it anew each day would look like another.

    Raises:
        EnrolmentInvalid: the stored file was changed into something else.
    """
    file = folder / "enrolment.json"
    if file.exists():
        stored = read_enrolment(parse_json(file.read_bytes()))
        if stored.fingerprint() == wanted.fingerprint():
            return stored
    file.write_text(wanted.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return wanted
