"""Operations that subgraphs know already are named by their hash: Apollo's `apq.subgraph`.

The hash is sent first; a subgraph that does not know it is sent the operation with it, and knows it from then on. One that says it
knows nothing of hashes is not bothered with them again.
"""

import hashlib

import msgspec
from msgspec.structs import replace

from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport
from router.kit.json import JsonValue, read_json
from router.kit.lru import LruCache

OPERATIONS_MAX = 2_000
"""Operations whose hash is remembered."""

NOT_FOUND = ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
NOT_SUPPORTED = ("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_write = msgspec.json.Encoder().encode


class AutomaticQueriesTransport:
    """Sends by another transport, to one subgraph."""

    def __init__(self, transport: SubgraphTransport) -> None:
        self.transport = transport
        self._extensions: LruCache[bytes, msgspec.Raw] = LruCache(OPERATIONS_MAX)
        self._is_supported = True

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer.

        Raises:
            TransportError: no usable answer.
        """
        members = _read_members(request) if self._is_supported else None
        if members is None:
            return await self.transport.send(request)
        query = members.pop("query")
        members["extensions"] = self._find_extensions(bytes(query))
        answer = await self.transport.send(replace(request, body=_write(members)))
        refusal = _find_refusal(answer)
        if refusal is None:
            return answer
        if refusal in NOT_SUPPORTED:
            self._is_supported = False
            return await self.transport.send(replace(request, place=None))
        return await self.transport.send(
            replace(request, body=_write({"query": query, **members}), place=None)
        )

    async def close(self) -> None:
        """Close the other transport."""
        await self.transport.close()

    def _find_extensions(self, query: bytes) -> msgspec.Raw:
        """What stands for the operation whose JSON text is `query`."""
        extensions = self._extensions.find(query)
        if extensions is None:
            text: str = read_json(query)
            digest = hashlib.sha256(text.encode()).hexdigest()
            extensions = msgspec.Raw(b'{"persistedQuery":{"version":1,"sha256Hash":"%b"}}' % digest.encode())
            self._extensions.put(query, extensions)
        return extensions


def _read_members(request: SubgraphRequest) -> dict[str, msgspec.Raw] | None:
    """The members of a request that can go without its operation; None if it is another."""
    if request.content_type is not None:
        return None
    try:
        members = _members.decode(request.body)
    except msgspec.DecodeError:
        return None
    # Hooks may have put in extensions of their own, and may have left what is no operation.
    if "extensions" in members or not bytes(members.get("query", b"")).startswith(b'"'):
        return None
    return members


def _find_refusal(answer: SubgraphAnswer) -> str | None:
    """What the subgraph says of the hash; None if it says nothing of it."""
    if b"PersistedQuery" not in answer.body and b"PERSISTED_QUERY" not in answer.body:
        return None
    try:
        response: JsonValue = read_json(answer.body)
    except ValueError:
        return None
    # An answer with data has run, whatever its errors say; it is not to run again.
    is_refused = isinstance(response, dict) and response.get("data") is None
    errors = response.get("errors") if is_refused else None
    for error in errors if isinstance(errors, list) else ():
        if not isinstance(error, dict):
            continue
        extensions = error.get("extensions")
        code = extensions.get("code") if isinstance(extensions, dict) else None
        for told in (error.get("message"), code):
            if told in NOT_FOUND or told in NOT_SUPPORTED:
                return str(told)
    return None
