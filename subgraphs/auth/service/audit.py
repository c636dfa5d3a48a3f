"""Writing and reading the audit log: who did what to whom, from where, and whether it was allowed."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from subgraphs.auth.domain import (
    AuditEntry,
    AuditFilter,
    AuditOutcome,
    Caller,
    Client,
    parse_uuid,
)
from subgraphs.auth.repository import audit as repository
from subgraphs.common.database import ReadSession, WriteSession
from subgraphs.common.errors import BadUserInputError
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.common.text import is_storable

ACCOUNT = "Account"
ADDRESS = "EmailAddress"
API_KEY = "ApiKey"
_TEXT_LENGTH_MAX = 100


class Audit:
    """The audit log; an entry is part of the transaction that it tells of."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Take the clock, which gives the aware UTC time."""
        self._clock = clock

    async def note(
        self,
        session: WriteSession,
        caller: Caller | Client,
        action: str,
        target: tuple[str, object],
        outcome: AuditOutcome = AuditOutcome.ALLOWED,
    ) -> None:
        """Add an entry about `target`, a type and an id; a bare client is somebody who is not logged in."""
        client = caller if isinstance(caller, Client) else caller.client
        values: dict[str, object] = {
            "at": self._clock(),
            "actor_id": None if isinstance(caller, Client) else caller.account_id,
            "action": action,
            "target_type": target[0],
            "target_id": str(target[1]),
            "ip": client.ip,
            "request_id": _presentable(client.request_id),
            "outcome": outcome,
        }
        await repository.insert_entry(session, values)

    async def list_page(
        self, session: ReadSession, wanted: AuditFilter, request: PageRequest
    ) -> Page[AuditEntry]:
        """Return a page of entries, youngest first.

        Raises:
            BadUserInputError: the cursor is not one of this list.
        """
        before: UUID | None = None
        if request.after is not None:
            before = parse_uuid(request.after[0]) if len(request.after) == 1 else None
            if before is None:
                raise BadUserInputError("This cursor is none that this list gave out.")
        rows = await repository.list_entries(session, wanted, before=before, limit=request.limit)
        return build_page(request, rows, lambda row: (str(row.id),))


def _presentable(text: str | None) -> str | None:
    return None if text is None or not is_storable(text) else text[:_TEXT_LENGTH_MAX]
