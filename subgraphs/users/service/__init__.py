"""What users can do: profiles, erasures, statistics."""

from dataclasses import dataclass

from subgraphs.common.database import Database
from subgraphs.common.internal import InternalPeer
from subgraphs.users.service.auth_peer import AuthPeer
from subgraphs.users.service.erasure import Erasures
from subgraphs.users.service.profiles import Profiles
from subgraphs.users.service.statistics import Statistics


@dataclass(frozen=True, slots=True)
class UsersService:
    """The whole of users over one database."""

    database: Database
    profiles: Profiles
    erasures: Erasures
    statistics: Statistics


def build_service(database: Database, auth: InternalPeer) -> UsersService:
    """Put the parts together."""
    peer = AuthPeer(auth)
    profiles = Profiles(database, peer)
    return UsersService(database, profiles, Erasures(database, peer, profiles), Statistics(peer))
