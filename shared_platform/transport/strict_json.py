"""JSON bodies of ordinary routes, read under the intake limits instead of the library defaults.

The default parser takes NaN, duplicate members and lone surrogates, and each of them later ends in
a 500 or in two readers seeing two documents.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from typing_extensions import override

from shared_schema.bounded_json import parse_json


class StrictJsonRequest(Request):
    """A request whose `json()` refuses what `bounded_json` refuses."""

    @override
    async def json(self) -> object:
        """The body as JSON.

        Raises:
            DomainError: not JSON within the limits; the problem mapping unwraps it.
        """
        return parse_json(await self.body())


class StrictJsonRoute(APIRoute):
    """Use as `APIRouter(route_class=StrictJsonRoute)`."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given a request that reads JSON strictly."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(StrictJsonRequest(request.scope, request.receive))

        return strict
