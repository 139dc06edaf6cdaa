"""Whether the process lives, and whether it can serve: `/healthz`, `/readyz`, `/metrics`."""

from datetime import date

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from shared_platform.observability.metrics import CONTENT_TYPE, Metrics
from shared_platform.observability.readiness import OK, Readiness


def health_router(
    readiness: Readiness, metrics: Metrics, *, rehearsal_day: date | None = None
) -> APIRouter:
    """The three probes; unsigned, uncached, and not part of the API document.

    `/readyz` shows the day that a rehearsal pretends, so that nobody takes it for the real thing.
    """
    router = APIRouter(include_in_schema=False)
    no_store = {"Cache-Control": "no-store"}

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        """The process answers; says nothing about the database, so a restart would not help."""
        return JSONResponse({"status": OK}, headers=no_store)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """200 when every check passes, otherwise 503; each check by name."""
        checks = await readiness.results()
        ready = all(result == OK for result in checks.values())
        body: dict[str, object] = {"status": OK if ready else "not ready", "checks": checks}
        if rehearsal_day is not None:
            body["rehearsal_day"] = rehearsal_day.isoformat()
        return JSONResponse(body, status_code=200 if ready else 503, headers=no_store)

    @router.get("/metrics")
    async def figures() -> Response:
        """Figures for Prometheus; keep it from the public in the proxy."""
        return Response(await metrics.read(), media_type=CONTENT_TYPE, headers=no_store)

    return router
