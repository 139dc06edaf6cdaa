"""A member of the hub's staff, working over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.demo.processes import DemoFailed


@dataclass(frozen=True, slots=True)
class Desk:
    """One person's calls to the staff API."""

    url: str
    token: str

    def get(self, path: str) -> Any:  # noqa: ANN401  JSON of any shape
        """Read.

        Raises:
            DemoFailed: the hub refused.
        """
        return self.send("GET", path)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
        """Do something.

        Raises:
            DemoFailed: the hub refused.
        """
        headers = {"authorization": f"Bearer {self.token}"}
        answer = httpx.request(
            method, self.url + path, headers=headers, json=body, timeout=60, trust_env=False
        )
        if answer.is_error:
            raise DemoFailed(f"{method} {path}: {answer.status_code}\n{answer.text}")
        return answer.json() if answer.content else None
