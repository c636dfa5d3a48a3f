"""The loaders of one request: what it asks of many accounts is read in one statement each."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aiodataloader import DataLoader

from subgraphs.auth.domain import Account, ApiKey, Session
from subgraphs.auth.service import AuthService
from subgraphs.common.database import ReadSession
from subgraphs.common.loaders import Reading, build_finder, build_getter
from subgraphs.common.pagination import Page, PageRequest

SessionsKey = tuple[UUID, PageRequest]


@dataclass(frozen=True, slots=True)
class Loaders:
    """Loaders by account id, and `locks` by address; None for an account that there is not, and where nothing is locked."""

    accounts: DataLoader[UUID, Account | None]
    sessions: DataLoader[SessionsKey, Page[Session]]
    session_counts: DataLoader[UUID, int]
    api_keys: DataLoader[UUID, list[ApiKey]]
    locks: DataLoader[str, datetime | None]


def build_loaders(service: AuthService, read: Reading) -> Loaders:
    """Make the loaders, which read in sessions that `read` opens."""

    async def load_sessions(
        session: ReadSession, keys: list[SessionsKey]
    ) -> dict[SessionsKey, Page[Session]]:
        asked: dict[PageRequest, list[UUID]] = {}
        for account_id, request in keys:
            asked.setdefault(request, []).append(account_id)
        return {
            (account_id, request): page
            for request, ids in asked.items()
            for account_id, page in (await service.sessions.list_live(session, ids, request)).items()
        }

    return Loaders(
        accounts=build_finder(service.accounts.find_many, read),
        sessions=build_getter(load_sessions, read),
        session_counts=build_getter(service.sessions.count_live, read),
        api_keys=build_getter(service.api_keys.list_all, read),
        locks=build_finder(service.throttle.find_locks, read),
    )
