"""From GraphQL responses to HTTP ones: the status, the media type, the encoding."""

import asyncio

from router.kit.content_encoding import Packer, encode_body
from router.kit.json import write_json
from router.pipeline.request import Response
from router.server import multipart
from router.server.messages import HttpRequest, HttpResponse
from router.server.multipart import write_multipart
from router.server.negotiation import choose_refusal_type
from router.server.streams import ByteStream

NOSNIFF = ("x-content-type-options", "nosniff")
VARY = ("vary", "accept, accept-encoding")

ENCODED_BYTES_MIN = 1_000
"""What is smaller fits into a packet as it is."""

INLINE_BYTES_MAX = 1_000_000
"""A larger response is packed in a thread, beside other requests."""


async def pack(response: HttpResponse, encoding: str) -> HttpResponse:
    """The response in an encoding, if that is worth it."""
    body = response.body
    if not isinstance(body, ByteStream) and len(body) < ENCODED_BYTES_MIN:
        return response
    headers = (("content-encoding", encoding), *response.headers)
    if isinstance(body, ByteStream):
        body.pack(Packer(encoding))
    elif len(body) <= INLINE_BYTES_MAX:
        body = encode_body(body, encoding)
    else:
        body = await asyncio.to_thread(encode_body, body, encoding)
    return HttpResponse(response.status, body, headers)


def write_http(request: HttpRequest, answered: Response | list[Response]) -> HttpResponse:
    """What carries a GraphQL response, or those of a batch."""
    # The status and headers of a batch are those of its first request.
    response = answered[0] if isinstance(answered, list) else answered
    if response.later is not None:
        stream = write_multipart(response, response.later)
        return HttpResponse(response.status, stream, (*multipart.HEADERS, NOSNIFF, VARY, *response.headers))
    response_type = choose_refusal_type(request)
    status = response.status
    body = write_json([each.body for each in answered] if isinstance(answered, list) else response.body)
    if response.is_request_error and response_type.is_status_of_transport:
        status = response_type.choose_status(status, _find_code(response))
    return HttpResponse(
        status, body, (("content-type", response_type.name), NOSNIFF, VARY, *response.headers)
    )


def _find_code(response: Response) -> object:
    try:
        return response.body["errors"][0]["extensions"]["code"]
    except (KeyError, IndexError, TypeError):
        # Hooks may have left something else.
        return None
