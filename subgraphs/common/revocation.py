"""Access tokens that auth has called back before they expire: each process keeps a copy of the list, in memory.

A token names its account (`sub`) with the version that it speaks of (`ver`), and its session (`sid`) or API key (`akid`). An
entry of the list names one of these ids and the version below which tokens do not hold: a role that has changed makes a
new version, and a session that has ended has none to come.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ValidationError

from subgraphs.common.internal import InternalPeer, PeerError
from subgraphs.common.upkeep import Upkeep

PATH = "/internal/tokens/revoked"
KEPT = timedelta(minutes=65)
"""Longer than any access token lives."""
OVERLAP = timedelta(seconds=60)
"""How far back is asked again: an entry is seen when its transaction ends, later than the time that it has."""
PAGE = 5_000
ENTRIES_MAX = 200_000
"""Past this the oldest are let go: their tokens have the shortest time left."""

_log = logging.getLogger(__name__)


class Revocation(BaseModel):
    """From a time on: tokens that name `subject` do not hold if their version is below `version`."""

    subject: str
    version: int
    at: AwareDatetime


class RevocationPage(BaseModel):
    """Some entries, oldest first; `PAGE` of them when there may be more."""

    revoked: list[Revocation]


RevocationSource = Callable[[datetime | None], Awaitable[RevocationPage]]
"""Gives the first page of the entries of a time and later; None is all that can matter."""


class Revocations:
    """What this process has heard of tokens that were called back; without a source that is nothing."""

    def __init__(self, source: RevocationSource | None = None) -> None:
        self._source = source
        self._entries: dict[str, Revocation] = {}
        self._newest: datetime | None = None
        self._is_deaf = False

    async def run(self) -> None:
        """Hear of what is called back, each second."""
        if self._source is not None:
            await Upkeep(often=[self.follow]).run()

    async def follow(self) -> None:
        """Hear of what was called back since the last time."""
        assert self._source is not None, "there is somebody to ask"
        after = None if self._newest is None else self._newest - OVERLAP
        page = await self._ask(self._source, after)
        while page:
            for entry in page:
                self._take(entry)
            self._forget()
            page = await self._ask(self._source, page[-1].at) if len(page) == PAGE else []

    async def _ask(self, source: RevocationSource, after: datetime | None) -> list[Revocation]:
        """A page; none while auth does not answer as agreed: what was heard before goes on to count."""
        try:
            page = await source(after)
        except (PeerError, ValidationError) as error:
            if not self._is_deaf:
                _log.warning("auth does not tell which tokens it has called back: %s", error)
            self._is_deaf = True
            return []
        self._is_deaf = False
        return page.revoked

    def has(self, claims: Mapping[str, Any]) -> bool:
        """Tell whether a token with these claims was called back."""
        version = claims.get("ver", 0)
        for name in ("sub", "sid", "akid"):
            entry = self._entries.get(claims.get(name, ""))
            if entry is not None and version < entry.version:
                return True
        return False

    def _take(self, entry: Revocation) -> None:
        known = self._entries.get(entry.subject)
        if known is None or known.version < entry.version:
            # Taken out first, so that the oldest stay in front.
            self._entries.pop(entry.subject, None)
            self._entries[entry.subject] = entry
        if self._newest is None or self._newest < entry.at:
            self._newest = entry.at

    def _forget(self) -> None:
        while self._entries and self._newest is not None:
            subject, oldest = next(iter(self._entries.items()))
            if len(self._entries) <= ENTRIES_MAX and oldest.at >= self._newest - KEPT:
                break
            del self._entries[subject]


def build_revocation_source(auth: InternalPeer) -> RevocationSource:
    """The list as auth tells it to other services.

    It raises `PeerError` or `ValidationError` when auth does not answer as agreed. An auth of an older release has no list.
    """

    async def read_revocations(after: datetime | None) -> RevocationPage:
        answer = await auth.post(PATH, {"after": None if after is None else after.isoformat()})
        return RevocationPage.model_validate(answer or {"revoked": []})

    return read_revocations
