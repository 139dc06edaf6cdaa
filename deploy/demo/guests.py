"""The people of the demonstration follow their invitations and choose random passwords."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from deploy.demo.processes import DemoFailed, Place

_SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who was invited to a service."""

    place: Place
    name: str
    invitation: str

    def choose_password(self) -> str:
        """Follow the invitation as a browser does; the password that is now set.

        Raises:
            DemoFailed: the service refused.
        """
        password = secrets.token_urlsafe(15)
        answer = httpx.post(
            self.invitation,
            data={"password": password, "repeated": password},
            headers={"origin": self.place.url, "accept": "text/html"},
            timeout=60,
            trust_env=False,
        )
        if answer.status_code != _SEE_OTHER:
            raise DemoFailed(f"{self.name}: {answer.status_code}\n{answer.text}")
        return password


def keep_passwords(guests: Sequence[Guest], file: Path) -> str:
    """Set everybody's password and write them into a file of the owner's; what to say about it.

    Raises:
        DemoFailed: a service refused an invitation.
    """
    lines = [
        f"{one.place.url}/sign-in  {one.name:<20}  {one.choose_password()}  {one.place.title}"
        for one in guests
    ]
    text = "\n".join(lines)
    file.touch(mode=0o600)
    file.write_text(text + "\n", encoding="utf-8")
    shown = "\n".join(f"    {line}" for line in lines)
    return f"  可以登录的人 who can sign in（密码随机，另存 also in .demo/{file.name}）\n{shown}"
