"""Requests that are not sent because of a limit of ours."""

from typing import ClassVar

from router.errors import ErrorCode
from router.executor.transport import TransportError


class NotSentError(TransportError):
    """The request was not sent. The class says why, in the words that clients read."""

    code: ClassVar[ErrorCode]
    message: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.message)


class RateLimitedError(NotSentError):
    """There were too many in the interval."""

    code = ErrorCode.REQUEST_RATE_LIMITED
    message = "Your request has been rate limited"


class ConcurrencyLimitedError(NotSentError):
    """There are too many under way."""

    code = ErrorCode.REQUEST_CONCURRENCY_LIMITED
    message = "Your request has been concurrency limited"


class CircuitOpenError(NotSentError):
    """The subgraph has failed too often just now."""

    code = ErrorCode.SUBGRAPH_CIRCUIT_BREAKER_REJECTED
    message = "The subgraph is not asked, because it has failed too often"
