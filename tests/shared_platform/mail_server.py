"""A mail server of twenty lines of RFC 5321, on this machine, that keeps what it is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """Takes every letter; with `lose_answers` it hangs up instead of saying so."""

    port: int = 0
    lose_answers: bool = False
    letters: list[EmailMessage] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._converse(reader, writer)
        writer.close()
        await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                letter = message_from_bytes(content[:-5], policy=policy.default)
                self.letters.append(letter)
                if self.lose_answers:
                    return
            if verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            writer.write(b"250 8BITMIME\r\n" if verb == b"EHLO" else b"250 ok\r\n")


@asynccontextmanager
async def a_mail_server() -> AsyncIterator[MailServer]:
    server = MailServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
