"""Send letters, at least once each, under a Message-ID that never changes: by SMTP, or as files."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urlsplit

import aiosmtplib
import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.signals import Signals
from shared_platform.mail.letters import (
    MAIL_CHANNEL,
    DueLetter,
    letter_failed,
    letter_sent,
    take_letter,
)
from shared_platform.settings import PlatformSettings
from shared_schema.instants import Clock

_LOOK_SECONDS: Final = 30.0
_SMTP_SECONDS: Final = 30.0
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

Carrier = Callable[[DueLetter, EmailMessage], Awaitable[None]]
"""Takes a letter over for good, or raises `OSError` or `SMTPException`."""


@dataclass(frozen=True, slots=True)
class MailRun:
    """Sends what is due, beside the HTTP application. Several may: each letter is leased."""

    sessions: async_sessionmaker[AsyncSession]
    settings: PlatformSettings
    clock: Clock
    signals: Signals
    carrier: Carrier | None = None

    async def run(self) -> NoReturn:
        """Send what is due, whenever something was queued and every half minute."""
        while True:
            async with self.signals.awaiting(MAIL_CHANNEL) as awaited:
                while await self.send_next():
                    pass
                await awaited.wait(_LOOK_SECONDS)

    async def send_next(self) -> bool:
        """Send the next letter that is due; whether there was one."""
        async with self.sessions.begin() as session:
            letter = await take_letter(session, now=self.clock.now())
        if letter is None:
            return False
        try:
            carry = self.carrier or carrier_of(self.settings)
            await carry(letter, message_of(letter, self.settings))
        except (OSError, aiosmtplib.SMTPException) as failed:
            async with self.sessions.begin() as session:
                error = f"{type(failed).__name__}: {failed}"
                now = self.clock.now()
                given_up = await letter_failed(session, letter, error=error, now=now)
            _log.warning("letter_not_sent", letter=str(letter.id), error=error, given_up=given_up)
        else:
            async with self.sessions.begin() as session:
                await letter_sent(session, letter.id, now=self.clock.now())
        return True


def message_of(letter: DueLetter, settings: PlatformSettings) -> EmailMessage:
    """The letter as RFC 5322 has it. Its Message-ID is its row's, so readers see repeats as one."""
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail_from
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.queued_at)
    host = urlsplit(settings.base_url).hostname or "localhost"
    message["Message-ID"] = f"<{letter.id}@{host}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
    message.set_content(letter.text)
    return message


def carrier_of(settings: PlatformSettings) -> Carrier:
    """SMTP where a server is set, else files in the folder `mail`."""
    return _Smtp(settings) if settings.smtp_host else _Folder(settings.data_dir / "mail")


@dataclass(frozen=True, slots=True)
class _Folder:
    """Keeps letters as files, named by their ids: writing one again changes nothing."""

    folder: Path

    async def __call__(self, letter: DueLetter, message: EmailMessage) -> None:
        await asyncio.to_thread(self._write, f"{letter.id}.eml", bytes(message))

    def _write(self, name: str, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self.folder / f".{name}.new"
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.folder / name)


@dataclass(frozen=True, slots=True)
class _Smtp:
    """Hands letters to the mail server of the settings."""

    settings: PlatformSettings

    async def __call__(self, _letter: DueLetter, message: EmailMessage) -> None:
        settings = self.settings
        password = settings.smtp_password
        await aiosmtplib.send(
            message,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user,
            password=password.get_secret_value() if password else None,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            timeout=_SMTP_SECONDS,
        )
