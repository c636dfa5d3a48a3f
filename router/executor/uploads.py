"""The layer that sends files on: a fetch whose variables hold the tokens of files becomes a form.

It stands innermost: hooks and caches see the tokens.

Spec: GraphQL multipart request specification.
"""

import secrets
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from router.executor.layers import FetchCall, Send
from router.executor.transport import SubgraphAnswer
from router.hooks.uploads import UploadedFile
from router.kit.http_headers import is_value
from router.kit.json import JsonValue, read_json, write_json


def send_files(send: Send) -> Send:
    """The layer: it sends on with the files that a fetch needs."""
    return lambda call: _send_files(call, send)


async def _send_files(call: FetchCall, send: Send) -> SubgraphAnswer:
    files = call.context.uploads
    if not files:
        return await send(call)
    body = read_json(call.request.body)
    places: dict[str, list[str]] = {}
    if isinstance(body, dict):
        for path, token in _take_out(body.get("variables"), files):
            places.setdefault(token, []).append(path)
    if not places:
        return await send(call)
    boundary = f"router-{secrets.token_hex(16)}"
    form = write_form(boundary, write_json(body), [(files[token], paths) for token, paths in places.items()])
    content_type = f"multipart/form-data; boundary={boundary}"
    request = replace(
        call.request,
        body=form,
        content_type=content_type,
        headers=(*call.request.headers, ("apollo-require-preflight", "1")),
    )
    return await send(replace(call, request=request))


def _take_out(variables: JsonValue, files: Mapping[str, UploadedFile]) -> Iterator[tuple[str, str]]:
    """Where tokens stand, which; null stands there afterwards."""
    waiting: list[tuple[str, JsonValue]] = [("variables", variables)]
    while waiting:
        path, holder = waiting.pop()
        if isinstance(holder, dict):
            items: list[tuple[str | int, JsonValue]] = list(holder.items())
        elif isinstance(holder, list):
            items = list(enumerate(holder))
        else:
            continue
        for key, value in items:
            if isinstance(value, str) and value in files:
                holder[key] = None
                yield f"{path}.{key}", value
            else:
                waiting.append((f"{path}.{key}", value))


def write_form(boundary: str, operations: bytes, files: list[tuple[UploadedFile, list[str]]]) -> bytes:
    """The body: the operation, where its files belong, and these."""
    places = write_json({str(i): paths for i, (_, paths) in enumerate(files)})
    parts = [_write_part(boundary, 'name="operations"', "application/json", operations)]
    parts.append(_write_part(boundary, 'name="map"', "application/json", places))
    for i, (file, _) in enumerate(files):
        content_type = file.content_type
        if not content_type or not is_value(content_type):
            content_type = "application/octet-stream"
        named = f'name="{i}"; filename="{_quote(file.filename)}"'
        parts.append(_write_part(boundary, named, content_type, file.content))
    return b"".join((*parts, f"--{boundary}--\r\n".encode()))


def _write_part(boundary: str, named: str, content_type: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\ncontent-disposition: form-data; {named}\r\ncontent-type: {content_type}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _quote(name: str) -> str:
    """A file's name as browsers write it. Spec: HTML, Multipart form data."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
