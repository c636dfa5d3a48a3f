"""The way to a coprocessor: the pool of connections that subgraphs have, over Unix sockets too."""

from router.coprocessor.client import ANSWER_BYTES_MAX
from router.executor.http_pool import HttpPoolTransport, PoolOptions
from router.executor.transport import SubgraphRequest, TransportError
from router.hooks.errors import HookError

COPROCESSOR = "coprocessor"


class CoprocessorPoster:
    """Sends to one URL of a coprocessor."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        options = PoolOptions(answer_bytes_max=ANSWER_BYTES_MAX)
        self._transport = HttpPoolTransport({COPROCESSOR: url}, options)

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Send JSON; the status and body of the answer.

        Raises:
            HookError: there is none in time.
        """
        try:
            answer = await self._transport.send(
                # Only one that has got no answer because its connection had just ended is sent again.
                SubgraphRequest(COPROCESSOR, body, timeout_s=self._timeout_s, is_repeatable=True)
            )
        except TransportError as error:
            raise HookError(f"the coprocessor cannot be asked: {error or type(error).__name__}") from error
        return answer.status, answer.body

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()
