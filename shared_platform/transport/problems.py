"""Every exception of a service becomes one row of the problem table, here and nowhere else.

Nothing the client sent is echoed, and an unexpected failure shows only the request id: the cause is
in the log under that id.
"""

from collections.abc import Callable
from typing import Final

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Scope

from shared_platform.observability.request_id import current_request_id
from shared_platform.transport.preferred_language import preferred_language
from shared_platform.transport.problem_answer import problem_answer
from shared_platform.transport.request_guard import ServiceFailed
from shared_platform.transport.validation_errors import field_errors
from shared_schema.instants import Clock, Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

ProblemPage = Callable[[Request, DomainError, str], Response | None]
_RETRY_SECONDS: Final = 5
_SERVER_ERROR: Final = 500
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class BodyRefused(DomainError):
    """The request does not fit the operation's schema."""

    problem = ProblemType.SCHEMA_INVALID


class NoSuchPath(DomainError):
    """No route answers here."""

    problem = ProblemType.NOT_FOUND


class MethodNotAllowed(DomainError):
    """The path exists, the method does not."""

    problem = ProblemType.METHOD_NOT_ALLOWED


class NotAcceptable(DomainError):
    """None of the accepted forms is served."""

    problem = ProblemType.NOT_ACCEPTABLE


class MediaTypeRefused(DomainError):
    """The content type or coding is not read here."""

    problem = ProblemType.UNSUPPORTED_MEDIA_TYPE


class RequestTooLarge(DomainError):
    """A framework's own bound, as on form fields, was met."""

    problem = ProblemType.PAYLOAD_TOO_LARGE


class NotSignedIn(DomainError):
    """The operation needs a signed-in caller."""

    problem = ProblemType.NOT_SIGNED_IN


class PermissionDenied(DomainError):
    """The caller may not do this."""

    problem = ProblemType.PERMISSION_DENIED


class TooManyRequests(DomainError):
    """The caller's allowance is used up."""

    problem = ProblemType.RATE_LIMITED


class DatabaseAway(DomainError):
    """The database restarts, is overloaded or gave up a lock; nothing was done."""

    problem = ProblemType.MAINTENANCE


class DiskFull(DomainError):
    """The database has no space left; nothing was done."""

    problem = ProblemType.STORAGE_FULL


_BY_STATUS: Final[dict[int, type[DomainError]]] = {
    401: NotSignedIn,
    403: PermissionDenied,
    404: NoSuchPath,
    405: MethodNotAllowed,
    406: NotAcceptable,
    413: RequestTooLarge,
    415: MediaTypeRefused,
    429: TooManyRequests,
    503: DatabaseAway,
}
# asyncpg's error classes follow the SQLSTATE classes of the PostgreSQL manual, appendix A.
_PASSING: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,  # the driver was told of the lost connection at a bad moment
    PoolTimeout,
    ConnectionError,
    TimeoutError,
)
_HANDLED: Final[tuple[type[Exception], ...]] = (
    DomainError,
    RequestValidationError,
    HTTPException,
    DBAPIError,
    PoolTimeout,
    asyncpg.PostgresError,
    ConnectionError,
    TimeoutError,
    ClientDisconnect,
    Exception,
)


def install_problems(app: FastAPI, *, clock: Clock) -> None:
    """Register the mapping on an application; `server_time` is read from `clock`."""

    async def answer(request: Request, error: Exception) -> Response:
        refusal = refusal_of(error)
        if refusal.problem.value.status >= _SERVER_ERROR:
            request.state.failure_logged = True
            _log_failure(request, refusal, error)
        response = _page(request, refusal) or problem_answer(
            refusal,
            request_id=request_id(request),
            now=clock.now(),
            language=preferred_language(request),
        )
        if isinstance(error, HTTPException) and error.headers and "Allow" in error.headers:
            response.headers["allow"] = error.headers["Allow"]
        return response

    for kind in _HANDLED:
        app.add_exception_handler(kind, answer)


def _log_failure(request: Request, refusal: DomainError, error: Exception) -> None:
    """With the traceback of what nobody meant; a typed refusal (maintenance) says where it is."""
    _log.error(
        "request_refused",
        request_id=request_id(request),
        code=refusal.problem.code,
        path=request.url.path,
        exc_info=None if isinstance(error, DomainError) else error,
    )


def refusal_answer(app: FastAPI, scope: Scope, refusal: DomainError, *, now: Instant) -> Response:
    """A refusal made outside the application's routes, as these would answer it."""
    request = Request({**scope, "app": app})
    return _page(request, refusal) or problem_answer(
        refusal,
        request_id=request_id(request),
        now=now,
        language=preferred_language(request),
    )


def request_id(request: Request) -> str:
    """The id that guard or observing layer gave this request; empty where neither stands."""
    return str(getattr(request.state, "request_id", None) or current_request_id() or "")


def _page(request: Request, refusal: DomainError) -> Response | None:
    """The refusal as a page, where the service has pages and a reader of pages asks."""
    page: ProblemPage | None = getattr(request.app.state, "problem_page", None)
    return page(request, refusal, request_id(request)) if page else None


def refusal_of(error: BaseException) -> DomainError:
    """The one row for an exception; what is not known is an internal error."""
    refusal: DomainError | None = None
    if isinstance(error, DomainError):
        refusal = error
    elif isinstance(error, RequestValidationError):
        refusal = BodyRefused(errors=field_errors(error.errors()))
    elif isinstance(error, HTTPException):
        refusal = _of_framework(error)
    elif isinstance(error, ClientDisconnect):
        refusal = _body_refused("body.cut", "请求中断 / the request ended early")
    else:
        refusal = _of_database(error)
    return refusal or ServiceFailed()


def _of_framework(error: HTTPException) -> DomainError | None:
    """FastAPI wraps whatever is raised while it reads a body in a 400; the cause is the truth."""
    if isinstance(error.__cause__, DomainError):
        return error.__cause__
    if error.status_code in _BY_STATUS:
        return _BY_STATUS[error.status_code]()
    if error.status_code >= _SERVER_ERROR:
        return None
    return _body_refused("body.unreadable", "请求内容无法读取 / the body cannot be read")


def _of_database(error: BaseException) -> DomainError | None:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseAway(retry_after_s=_RETRY_SECONDS)
    cause = _driver_error(error)
    if isinstance(cause, asyncpg.DiskFullError):
        return DiskFull(retry_after_s=_RETRY_SECONDS)
    if isinstance(cause, _PASSING) or _is_socket_gone(cause):
        return DatabaseAway(retry_after_s=_RETRY_SECONDS)
    if isinstance(cause, asyncpg.DataError):
        _log.error("value_not_storable", exc_info=error)
        return _body_refused("value.not_storable", "值无法保存 / a value cannot be stored")
    return None


def _is_socket_gone(cause: BaseException) -> bool:
    """Whether a Unix socket was not there, as while its server restarts; a file would be named."""
    return isinstance(cause, FileNotFoundError) and cause.filename is None


def _driver_error(error: BaseException) -> BaseException:
    """SQLAlchemy keeps its adapter's error in `orig`, and that one asyncpg's in `__cause__`."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if original is None:
        return error
    return original.__cause__ if isinstance(error, DBAPIError) and original.__cause__ else original


def _body_refused(code: str, message: str) -> BodyRefused:
    return BodyRefused(errors=[FieldError("", code, message)])
