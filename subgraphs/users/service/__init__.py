"""What users can do: profiles, erasures, exports, statistics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from subgraphs.common.database import Database
from subgraphs.common.internal import InternalPeer
from subgraphs.users.service.auth_peer import AuthPeer
from subgraphs.users.service.erasure import Erasures
from subgraphs.users.service.exports import ExportOptions, Exports
from subgraphs.users.service.keepers import Keepers
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
    peers: Mapping[str, InternalPeer],
    clock: Callable[[], datetime] = utc_now,
) -> UsersService:
    """Put the parts together; `peers` are auth and the services that know something of people, by name."""
    peer = AuthPeer(peers["auth"])
    keepers = Keepers({name: other for name, other in peers.items() if name != "auth"})
    profiles = Profiles(database, peer)
    erasures = Erasures(database, peer, profiles, keepers, settings.cooling_off, clock)
    options = ExportOptions(settings.public_url, settings.common.internal_secret)
    exports = Exports(database, peer, profiles, keepers, options, clock)
    upkeep = Upkeep(erasures, exports, profiles, clock)
    return UsersService(database, profiles, erasures, exports, Statistics(peer), upkeep)
