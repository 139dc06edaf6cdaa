"""A patent holder of the demonstration registers at a node, as a browser would."""

import re
import time
from email import policy
from email.parser import BytesParser
from typing import Final

import httpx

from deploy.demo.desk import Desk
from deploy.demo.guests import Guest
from deploy.demo.processes import DemoFailed, Place

EMAIL: Final = "holder@kaixu.example"
_WAIT_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.2
_LINK: Final = re.compile(r"http\S+/welcome\?link=\S+")
_FORM: Final = {
    "display_name": "演示权利人",
    "email": EMAIL,
    "kind": "individual",
    "name": "演示权利人",
    "roles": "holder",
}


def register_holder(node: Place, operator: Desk) -> Guest:
    """Register, let the operator approve, and find the letter with the link.

    Raises:
        DemoFailed: the node refused, or no letter came.
    """
    answer = httpx.post(
        f"{node.url}/register",
        data=_FORM,
        headers={"origin": node.url, "accept": "text/html"},
        timeout=60,
        trust_env=False,
    )
    if answer.is_error:
        raise DemoFailed(f"{EMAIL}: {answer.status_code}\n{answer.text}")
    for waiting in operator.get("/api/v1/organisations?state=waiting")["items"]:
        operator.send("POST", f"/api/v1/organisations/{waiting['id']}/approval")
    return Guest(node, EMAIL, _link_of_letter(node))


def _link_of_letter(node: Place) -> str:
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        for file in (node.folder / "mail").glob("*.eml"):
            letter = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
            body = letter.get_body()
            found = _LINK.search(body.get_content() if body else "")
            if found and EMAIL in str(letter["To"]):
                return found[0]
        time.sleep(_LOOK_SECONDS)
    raise DemoFailed(f"没有给 {EMAIL} 的信 / no letter to {EMAIL} in {node.folder}/mail")
