"""The way out for mail: SMTP, or a folder of files where development reads them."""

import asyncio
import os
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT_S = 10.0
_SMTP_PORT = 587
_SMTPS_PORT = 465


class MailError(Exception):
    """The mail was not taken; it may be tried again."""


class Mailer(Protocol):
    """Sends mails; tests put a fake here."""

    async def send(self, message: EmailMessage, name: str) -> None:
        """Hand a mail over; `name` is the same when the same mail is tried again.

        Raises:
            MailError: it was not taken.
        """


class FileMailer:
    """Writes each mail as `<name>.eml` into a folder, which is made if it is missing."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        self._folder = folder

    async def send(self, message: EmailMessage, name: str) -> None:
        """Write the file whole or not at all."""
        try:
            await asyncio.to_thread(self._write, message, name)
        except OSError as error:
            raise MailError(f"{self._folder}: {error}") from error

    def _write(self, message: EmailMessage, name: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._folder / f".{name}.{os.getpid()}"
        draft.write_bytes(message.as_bytes())
        draft.replace(self._folder / f"{name}.eml")


class SmtpMailer:
    """Sends by SMTP: `smtps://` speaks TLS from the first byte, `smtp://` changes to it where the server can.

    A password is never sent without TLS.
    """

    def __init__(self, url: str) -> None:
        """Take `smtp[s]://user:password@host:port`; user and port may be missing."""
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (_SMTPS_PORT if self._is_tls else _SMTP_PORT)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")

    async def send(self, message: EmailMessage, name: str) -> None:
        """Deliver to the server; a mail that is tried again has the same Message-ID."""
        try:
            await asyncio.to_thread(self._deliver, message)
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(f"{self._host}:{self._port}: {type(error).__name__} for {name}") from error

    def _deliver(self, message: EmailMessage) -> None:
        tls = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=tls)
            if self._is_tls
            else smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        ) as server:
            server.ehlo()
            if not self._is_tls and (self._user or server.has_extn("starttls")):
                server.starttls(context=tls)
            if self._user:
                server.login(self._user, self._password)
            server.send_message(message)


def build_mailer(url: str) -> Mailer:
    """Return the mailer of a URL that the settings have checked."""
    parts = urlsplit(url)
    return FileMailer(Path(unquote(parts.path))) if parts.scheme == "file" else SmtpMailer(url)
