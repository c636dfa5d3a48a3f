"""The services beside auth that know something of people: what users asks of each."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.errors import UnavailableError
from subgraphs.common.internal import InternalPeer, JsonObject, PeerError
from subgraphs.common.personal_data import PREFIX

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keepers:
    """The services by name."""

    peers: Mapping[str, InternalPeer]

    async def erase(self, service: str, user_id: UUID) -> None:
        """Have a service forget somebody. Repeatable.

        Raises:
            UnavailableError: it did not answer, or not as agreed.
        """
        if (await self._ask(service, user_id, "erase")).get("erased") is not True:
            raise UnavailableError(f"{service} did not say that it has forgotten. Try again soon.")

    async def export(self, user_id: UUID) -> dict[str, JsonObject]:
        """What each service knows of somebody.

        Raises:
            UnavailableError: one of them did not answer, or not as agreed.
        """
        found: dict[str, JsonObject] = {}
        for service in self.peers:
            data = (await self._ask(service, user_id, "export")).get("data")
            if not isinstance(data, dict):
                raise UnavailableError(f"{service} did not say what it knows. Try again soon.")
            found[service] = data
        return found

    async def _ask(self, service: str, user_id: UUID, what: str) -> JsonObject:
        try:
            answer = await self.peers[service].post(f"{PREFIX}/{user_id}/{what}", {})
        except PeerError as error:
            _log.warning("%s cannot be asked: %s", service, error)
            raise UnavailableError(f"{service} cannot be asked just now. Try again soon.") from error
        # None: an older release, which knows nothing of this yet.
        return answer or {}
