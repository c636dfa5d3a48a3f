"""The mails that are to be sent: asked for within a transaction, sent after it, tried again until they are taken.

The token in a mail is made when the mail is sent, in the transaction that forgets the mail. So the database never
holds a token that works, and a crash between sending and committing only makes that one mail's token worthless: the
mail is sent again with another. Asking for a mail costs the same whether or not the address has an account, since
that is looked up only here.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from subgraphs.auth.domain import AccountStatus, MailKind, Purpose
from subgraphs.auth.repository import accounts, protection
from subgraphs.auth.service.mail import Mailer, MailError
from subgraphs.auth.service.purges import list_purges
from subgraphs.auth.service.secrets import hash_token, new_token
from subgraphs.auth.service.throttle import FORGET_AFTER
from subgraphs.common.database import Database, WriteSession
from subgraphs.common.purge import Purges

ATTEMPTS_MAX = 12  # with the waits below about a day and a half
_WAIT_S_FIRST = 30
_POLL_S = 1.0
_UPKEEP = timedelta(hours=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Template:
    """A mail in words; `{link}` stands for the link. Nothing in it comes from the account's owner."""

    subject: str
    body: str
    purpose: Purpose | None
    ttl: timedelta
    path: str


TEMPLATES = {
    MailKind.VERIFY_EMAIL: Template(
        "Confirm your e-mail address",
        "Please confirm that this address is yours:\n\n{link}\n\nIf you have not registered, ignore this mail.\n",
        Purpose.VERIFY_EMAIL,
        timedelta(days=2),
        "/verify-email",
    ),
    MailKind.CHANGE_EMAIL: Template(
        "Confirm your new e-mail address",
        "Please confirm that your account shall have this address:\n\n{link}\n\n"
        "If you have not asked for it, ignore this mail.\n",
        Purpose.CHANGE_EMAIL,
        timedelta(days=1),
        "/verify-email",
    ),
    MailKind.RESET_PASSWORD: Template(
        "Choose a new password",
        "Somebody asked for a new password of your account. If it was you, choose one within an hour:\n\n{link}\n\n"
        "If it was not, ignore this mail: nothing has changed.\n",
        Purpose.RESET_PASSWORD,
        timedelta(hours=1),
        "/reset-password",
    ),
    MailKind.PASSWORD_CHANGED: Template(
        "Your password was changed",
        "The password of your account was changed. If it was not you, ask for a new one at once.\n",
        None,
        timedelta(0),
        "",
    ),
    MailKind.EMAIL_CHANGED: Template(
        "Your e-mail address was changed",
        "Your account has another e-mail address now. If it was not you, write to us at once.\n",
        None,
        timedelta(0),
        "",
    ),
}


@dataclass(frozen=True, slots=True)
class OutboxOptions:
    """The sender's address, and the web address under which the links of mails are."""

    sender: str
    link_base: str


class Outbox:
    """Keeps and sends the mails."""

    def __init__(
        self, database: Database, mailer: Mailer, options: OutboxOptions, clock: Callable[[], datetime]
    ) -> None:
        """Take what it works with."""
        self._database = database
        self._mailer = mailer
        self._options = options
        self._clock = clock

    async def add(
        self, session: WriteSession, kind: MailKind, email: str, account_id: UUID | None = None
    ) -> None:
        """Ask for a mail within the caller's transaction; without an account it is looked up by the address."""
        await protection.insert_mail(session, kind, email, account_id, self._clock())

    async def send_due(self) -> int:
        """Send what is due and return how much that was; a mail that is not taken waits twice as long each time."""
        sent = 0
        while True:
            try:
                async with self._database.write() as session:
                    mail = await protection.take_due_mail(session, self._clock())
                    if mail is None:
                        return sent
                    sent += await self._send(session, mail)
                    await protection.delete_mail(session, mail.id)
            except MailError as error:
                await self._postpone(mail, error)

    async def _send(self, session: WriteSession, mail: Any) -> int:
        kind = MailKind(mail.kind)
        account_id = mail.account_id
        if account_id is None:
            found = await accounts.find_credentials(session, mail.email)
            if found is None or found[0].status is not AccountStatus.ACTIVE:
                return 0
            account_id = found[0].id
        template = TEMPLATES[kind]
        link = ""
        if template.purpose is not None:
            token = new_token()
            await protection.drop_action_tokens(session, account_id, [template.purpose])
            await protection.insert_action_token(
                session,
                hash_token(token),
                account_id,
                template.purpose,
                email=mail.email,
                expires_at=self._clock() + template.ttl,
            )
            # After the #, so that no server on the way writes it into a log.
            link = f"{self._options.link_base}{template.path}#token={token}"
        await self._mailer.send(self._write(template, mail, link), str(mail.id))
        return 1

    def _write(self, template: Template, mail: Any, link: str) -> EmailMessage:
        message = EmailMessage()
        message["Message-ID"] = f"<{mail.id}@{self._options.sender.partition('@')[2]}>"
        message["From"] = self._options.sender
        message["To"] = mail.email
        message["Subject"] = template.subject
        message["Date"] = self._clock()
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(template.body.format(link=link), cte="7bit")
        return message

    async def _postpone(self, mail: Any, error: MailError) -> None:
        is_last = mail.attempts + 1 >= ATTEMPTS_MAX
        log = _log.error if is_last else _log.warning
        log("mail %s was not taken (attempt %d): %s", mail.id, mail.attempts + 1, error)
        async with self._database.write() as session:
            if is_last:
                await protection.delete_mail(session, mail.id)
            else:
                wait = timedelta(seconds=_WAIT_S_FIRST * 2**mail.attempts)
                await protection.postpone_mail(session, mail.id, self._clock() + wait)

    async def run(self) -> None:
        """Send for ever, and once an hour drop what has expired. A fault is logged and outlived."""
        cleaned_at = datetime.min.replace(tzinfo=self._clock().tzinfo)
        while True:
            try:
                await self.send_due()
                if self._clock() - cleaned_at > _UPKEEP:
                    await self.drop_expired()
                    cleaned_at = self._clock()
            except Exception:  # noqa: BLE001  a boundary: nobody else would start it again
                _log.exception("mails cannot be sent just now")
            await asyncio.sleep(_POLL_S)

    async def drop_expired(self) -> None:
        """Drop what has no effect any more, a little at a time."""
        await Purges(self._database, list_purges(FORGET_AFTER)).run_due(self._clock())
