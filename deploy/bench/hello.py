"""FastAPI's hello world under the services' own server settings: the limit for any route.

Run as `python -m deploy.bench.hello PORT`.
"""

import sys

import uvicorn
import uvloop
from fastapi import FastAPI

from deploy.bench.world import HOST
from shared_platform.transport.http_protocol import server_config

app = FastAPI()


@app.get("/")
async def hello() -> dict[str, str]:
    """The whole application."""
    return {"message": "Hello World"}


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """What the waiting parent asks."""
    return {"status": "ready"}


if __name__ == "__main__":
    server = uvicorn.Server(server_config(app, host=HOST, port=int(sys.argv[1])))
    uvloop.run(server.serve())
