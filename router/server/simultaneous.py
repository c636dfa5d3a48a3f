"""Equal queries that are read before the first of them is sent on are answered once.

A server reads what has come on all its connections, and then runs what they ask: a turn of the event loop. Two requests of
one turn that are equal in every byte, and only read, have one answer. Nobody can tell that from two: the subgraphs are
asked after both have come, so who has seen what a mutation did is never shown what was before it, in no process. Whatever
comes later has an answer of its own; to share that too is an option (`deduplicate.py`).
"""

import asyncio

from msgspec import Struct

from router.pipeline.request import Request, Response
from router.server.messages import HttpRequest, HttpResponse


class Shared(Struct, gc=False):
    """A request that has begun.

    Attributes:
        request: what it asks; None while that is not known.
        is_over: whether it is answered.
        waiting: those that have asked the same.
    """

    head: HttpRequest
    request: Request | list[Request] | None = None
    is_over: bool = False
    waiting: tuple["asyncio.Future[HttpResponse | None]", ...] = ()

    async def wait(self) -> HttpResponse | None:
        """The answer to who has asked the same; None if it is for nobody else."""
        told: asyncio.Future[HttpResponse | None] = asyncio.get_running_loop().create_future()
        self.waiting += (told,)
        return await told

    def tell(self, response: HttpResponse | None) -> None:
        """Give the answer to those who wait; None if there is none for them."""
        for each in self.waiting:
            # Who has gone waits no more.
            if not each.done():
                each.set_result(response)


class Turn:
    """The requests that have begun in this turn of the event loop, by their words."""

    def __init__(self) -> None:
        self._begun: dict[bytes | str, Shared] = {}

    def enter(self, head: HttpRequest, body: bytes) -> Shared:
        """The same request, if it is under way since this turn, or a new one for others to find until it is sent on."""
        begun, words = self._begun, body or head.query_string
        shared = begun.get(words)
        if shared is not None and not shared.is_over and shared.head.is_like(head):
            return shared
        if not begun:
            # Whatever is read from now on runs after this.
            asyncio.get_running_loop().call_soon(begun.clear)
        shared = begun[words] = Shared(head)
        return shared

    def leave(self, shared: Shared, response: HttpResponse | None) -> None:
        """A request is over; `response` is for all who have asked it, None if there is none for them.

        Where nothing waits for a socket, what follows it may come in the same turn.
        """
        shared.is_over = True
        request = shared.request
        if not isinstance(request, Request) or request.query is None or "mutation" in request.query:
            self._begun.clear()
        if shared.waiting:
            shared.tell(response)


def is_for_all(answered: Response | list[Response]) -> bool:
    """Whether nothing in an answer is one client's alone: what a subgraph says in headers may be a session that begins."""
    return isinstance(answered, Response) and all(name == "cache-control" for name, _ in answered.headers)
