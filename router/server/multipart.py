"""Responses in parts as `multipart/mixed`, byte for byte as Apollo Router writes them.

Each part ends with the boundary of the next, so that clients need not wait for that one to know that it is whole.
"""

from collections.abc import AsyncGenerator

from router.kit.json import JsonObject, write_json
from router.pipeline.request import Bodies, Response
from router.server.streams import ByteStream

CONTENT_TYPE = 'multipart/mixed;boundary="graphql";deferSpec=20220824'

HEADERS = (
    ("content-type", CONTENT_TYPE),
    # Proxies such as nginx would wait for the whole.
    ("x-accel-buffering", "no"),
)

_FIRST = b"\r\n--graphql"
_HEAD = b"\r\ncontent-type: application/json\r\n\r\n"
_NEXT, _END = b"\r\n--graphql", b"\r\n--graphql--\r\n"


def write_multipart(response: Response, later: Bodies) -> ByteStream:
    """The body of a response in parts."""
    pieces = _write(response, later)

    async def close() -> None:
        # Both, since what has never begun does not end by itself.
        await pieces.aclose()
        await later.aclose()

    return ByteStream(pieces, close)


def write_last(body: JsonObject) -> bytes:
    """What ends a response whose last piece has announced another."""
    return _HEAD + write_json(body) + _END


async def _write(response: Response, later: Bodies) -> AsyncGenerator[bytes, None]:
    yield _FIRST + _HEAD + write_json(response.body) + (_NEXT if later.has_next else _END)
    async for body in later:
        yield _HEAD + write_json(body) + (_NEXT if body["hasNext"] else _END)
