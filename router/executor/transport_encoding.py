"""Requests to subgraphs, packed: Apollo's `traffic_shaping.*.compression`."""

from msgspec.structs import replace

from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport
from router.kit.content_encoding import encode_body


class EncodingTransport:
    """Sends by another transport, with each body in one encoding."""

    def __init__(self, transport: SubgraphTransport, encoding: str) -> None:
        self.transport = transport
        self._encoding = encoding

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer.

        Raises:
            TransportError: no usable answer.
        """
        body = encode_body(request.body, self._encoding)
        headers = (*request.headers, ("content-encoding", self._encoding))
        return await self.transport.send(replace(request, body=body, headers=headers))

    async def close(self) -> None:
        """Close the other transport."""
        await self.transport.close()
