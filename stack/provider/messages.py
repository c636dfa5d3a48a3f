"""The provider's messages to the shop: signed, and as unreliable as such messages are."""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Post = Callable[[bytes, str], Awaitable[int]]
"""Sends a body with its signature; gives the status that came back."""
SIGNATURE_HEADER = "provider-signature"
_TRIES = 3
_WAITING_MAX = 1_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manners:
    """How badly messages are delivered: every n-th is lost or comes twice (0: none), all wait `delay_s` seconds.

    With `is_reversed`, messages that wait together go out newest first.
    """

    delay_s: float = 0.0
    lose_every: int = 0
    double_every: int = 0
    is_reversed: bool = False


def sign(secret: str, body: bytes, at_s: int) -> str:
    """The signature's header: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


class Messages:
    """Messages that wait, and their delivery."""

    def __init__(self, post: Post, secret: str, manners: Manners) -> None:
        """Take how to send."""
        self._post = post
        self._secret = secret
        self._manners = manners
        self._waiting: list[bytes] = []
        self._count = 0

    def tell(self, event_type: str, charge_id: str, reference: str) -> None:
        """Have the shop told; it is told what happened to which charge, and asks for the rest."""
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "type": event_type,
            "data": {"chargeId": charge_id, "reference": reference},
        }
        self._count += 1
        manners = self._manners
        if manners.lose_every and self._count % manners.lose_every == 0:
            return
        times = 2 if manners.double_every and self._count % manners.double_every == 0 else 1
        self._waiting += [json.dumps(event).encode()] * times
        del self._waiting[:-_WAITING_MAX]

    async def deliver(self) -> None:
        """Send what waits; what is not taken is tried again a few times and then given up, as the shop can ask."""
        waiting, self._waiting = self._waiting, []
        for body in reversed(waiting) if self._manners.is_reversed else waiting:
            for _ in range(_TRIES):
                try:
                    if await self._post(body, sign(self._secret, body, int(time.time()))) < 300:  # noqa: PLR2004
                        break
                except OSError as error:
                    _log.warning("the shop does not answer: %s", error)

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            await asyncio.sleep(max(self._manners.delay_s, 0.05))
            await self.deliver()
