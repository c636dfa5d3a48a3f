"""What users can do: profiles, erasures, exports, statistics."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from subgraphs.common.database import Database
from subgraphs.common.internal import InternalPeer
from subgraphs.users.service.auth_peer import AuthPeer
from subgraphs.users.service.erasure import Erasures
from subgraphs.users.service.exports import ExportOptions, Exports
from subgraphs.users.service.profiles import Profiles
from subgraphs.users.service.statistics import Statistics
from subgraphs.users.service.upkeep import Upkeep
from subgraphs.users.settings import UsersSettings


def utc_now() -> datetime:
    """Return the time, aware and in UTC: the clock of every process, and what tests replace."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class UsersService:
    """The whole of users over one database."""

    database: Database
    profiles: Profiles
    erasures: Erasures
    exports: Exports
    statistics: Statistics
    upkeep: Upkeep


def build_service(
    settings: UsersSettings,
    database: Database,
    auth: InternalPeer,
    clock: Callable[[], datetime] = utc_now,
) -> UsersService:
    """Put the parts together."""
    peer = AuthPeer(auth)
    profiles = Profiles(database, peer)
    erasures = Erasures(database, peer, profiles, settings.cooling_off, clock)
    options = ExportOptions(settings.public_url, settings.common.internal_secret)
    exports = Exports(database, peer, profiles, options, clock)
    upkeep = Upkeep(erasures, exports, profiles, clock)
    return UsersService(database, profiles, erasures, exports, Statistics(peer), upkeep)
