"""One file over HTTP by `sendfile`, and nothing else: B11's limit where nginx is not installed.

Run as `python -m deploy.bench.file_server PORT FILE`.
"""

import socket
import sys
import threading
from pathlib import Path

from deploy.bench.world import HOST

_HEAD_END = b"\r\n\r\n"


def answer(connection: socket.socket, file: Path) -> None:
    """Answer requests of one connection until it is closed."""
    pending = b""
    with connection:
        while piece := connection.recv(65_536):
            *heads, pending = (pending + piece).split(_HEAD_END)
            for head in heads:
                _send(connection, head, file)


def _send(connection: socket.socket, head: bytes, file: Path) -> None:
    is_probe = b" /readyz " in head
    length = 0 if is_probe else file.stat().st_size
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % length)
    if length:
        with file.open("rb") as opened:
            connection.sendfile(opened)


def main(port: int, file: Path) -> None:
    """Accept until stopped."""
    with socket.create_server((HOST, port)) as listening:
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=answer, args=(connection, file), daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
