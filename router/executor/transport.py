"""The port to subgraphs: bytes out, bytes back, or a reason why not.

TransportError                 no usable HTTP answer came back
├── SubgraphTimeoutError       none within the time allowed
├── AnswerTooLargeError        more bytes than we are willing to hold
├── MalformedAnswerError       one that is not of the form asked for
└── BatchAnswerError           one to a batch that does not fit it
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from msgspec import Struct

from router.errors import RouterError

Headers = tuple[tuple[str, str], ...]
"""Names in lower case with their values, in order; a name may occur more than once."""


class Place(Protocol):
    """A place in a request that is sent for several: see `router.executor.batching`."""

    is_open: bool

    async def send(self, request: "SubgraphRequest", transport: "SubgraphTransport") -> "SubgraphAnswer":
        """Take it. Raises what `SubgraphTransport.send` does."""
        ...

    def give_up(self) -> None:
        """Leave it: nobody waits for who has it any more."""
        ...


class SubgraphRequest(Struct, frozen=True):
    """One POST to one subgraph.

    Attributes:
        subgraph: the subgraph's name; transports know its URL.
        body: the GraphQL request as JSON.
        headers: what is sent beside `content-type` and `accept`.
        timeout_s: how long the answer may take, its body included.
        is_repeatable: whether the subgraph may be asked twice: so for queries.
        content_type: of the body, where it is not JSON.
        place: where it may go with others; None to send it by itself.
        url: where it goes in place of the subgraph's own URL; None for that.
    """

    subgraph: str
    body: bytes
    headers: Headers = ()
    timeout_s: float = 30.0
    is_repeatable: bool = False
    place: Place | None = None
    content_type: str | None = None
    url: str | None = None


class SubgraphAnswer(Struct, frozen=True):
    """What a subgraph sent back; any status. Header names are in lower case.

    Values of a repeated header are joined by commas, those that hold commas as `kit.http_headers.join_values` does.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = MappingProxyType({"content-type": "application/json"})


class SubgraphTransport(Protocol):
    """Sends requests to subgraphs. Safe for any number of requests at a time."""

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer.

        Raises:
            TransportError: no usable answer; the message says why, without addresses or credentials.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; requests under way may fail."""
        ...


class TransportError(RouterError):
    """No usable HTTP answer came back."""


class SubgraphTimeoutError(TransportError):
    """No answer within the time allowed."""


class AnswerTooLargeError(TransportError):
    """The answer is larger than the bound."""


class MalformedAnswerError(TransportError):
    """The answer is not of the form that was asked for."""


class BatchAnswerError(TransportError):
    """The answer to a batch has another number of parts."""
