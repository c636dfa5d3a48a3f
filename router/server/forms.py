"""Requests with files: `operations`, `map`, then the files, as parts of one form.

The request is read whole: its bound is known. So files may be used by any number of subgraphs, in any order, where Apollo Router,
which passes them on while they come, can only do so once.

Spec: GraphQL multipart request specification.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from router.errors import ErrorCode, refuse
from router.hooks.uploads import UploadedFile
from router.kit.json import JsonObject, JsonValue, read_json
from router.server.messages import HttpRequest
from router.server.options import UploadOptions

INVALID = "Invalid GraphQL request"
PAYLOAD_TOO_LARGE = 413
FORM = "multipart/form-data"
OPERATIONS, MAP = "operations", "map"
PLACES_MAX = 100
DEPTH_MAX = 32
INDEX = re.compile(r"\d{1,6}")


@dataclass(slots=True)
class _Part:
    """One part of the form."""

    headers: dict[str, bytes] = field(default_factory=dict)
    content: bytearray = field(default_factory=bytearray)
    name: str = ""
    filename: str = ""


def is_form(request: HttpRequest) -> bool:
    """Whether the body is a form that may have files."""
    content_type = request.find_header("content-type")
    return (
        request.method == "POST"
        and content_type is not None
        and content_type.partition(";")[0].strip().lower() == FORM
    )


def read_form(
    request: HttpRequest, body: bytes, options: UploadOptions, bytes_max: int
) -> tuple[JsonObject, dict[str, UploadedFile]]:
    """The GraphQL request with a token where each file belongs, and the files by their tokens.

    `bytes_max` bounds what is no file.

    Raises:
        RefusedError: the form is not of the specification's form, or has too much.
    """
    parts = _Parts(options, bytes_max)
    _, parameters = parse_options_header(request.find_header("content-type"))
    boundary = parameters.get(b"boundary")
    if not boundary:
        raise _invalid("the form has no boundary")
    try:
        parser = MultipartParser(boundary, parts.callbacks)
        parser.write(body)
        parser.finalize()
    except (FormParserError, UnicodeDecodeError) as error:
        raise _invalid(f"the form cannot be read: {error}") from error
    if not parts.is_complete:
        raise _invalid("the form has no end")
    return _build(parts.found, options)


class _Parts:
    """Takes down the parts that the parser finds; files are bounded while they grow."""

    def __init__(self, options: UploadOptions, bytes_max: int) -> None:
        self._options = options
        self._bytes_max = bytes_max
        self._field = b""
        self._value = b""
        self.found: list[_Part] = []
        self.is_complete = False
        self.callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": self._add_to_field,
            "on_header_value": self._add_to_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._name,
            "on_part_data": self._add,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        # Files that no path leads to are read and dropped, but not without end.
        if len(self.found) > self._options.files_max + 2:
            raise _too_many(self._options.files_max)
        self.found.append(_Part())

    def _add_to_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self.found[-1].headers[self._field.decode("latin-1").lower()] = self._value
        self._field = self._value = b""

    def _name(self) -> None:
        part = self.found[-1]
        _, told = parse_options_header(part.headers.get("content-disposition"))
        part.name = told.get(b"name", b"").decode("utf-8", "replace")
        part.filename = told.get(b"filename", b"").decode("utf-8", "replace")

    def _add(self, data: bytes, start: int, end: int) -> None:
        part = self.found[-1]
        part.content += data[start:end]
        is_file = part.name not in (OPERATIONS, MAP)
        if is_file and len(part.content) > self._options.file_bytes_max:
            message = f"Exceeded the limit of {self._options.file_bytes_max} bytes on '{part.filename or part.name}' file."
            code = ErrorCode.FILE_UPLOADS_LIMITS_MAX_FILE_SIZE_EXCEEDED
            raise refuse(message, code, status=PAYLOAD_TOO_LARGE)
        if not is_file and len(part.content) > self._bytes_max:
            code = ErrorCode.INVALID_GRAPHQL_REQUEST
            raise refuse(
                "Request body payload too large", code, status=PAYLOAD_TOO_LARGE, details="payload too large"
            )

    def _end(self) -> None:
        self.is_complete = True


def _build(parts: list[_Part], options: UploadOptions) -> tuple[JsonObject, dict[str, UploadedFile]]:
    names = [part.name for part in parts[:2]]
    if names[:1] != [OPERATIONS]:
        raise _invalid("Missing multipart field 'operations', it should be a first field in request body.")
    if names[1:] != [MAP]:
        raise _invalid("Missing multipart field 'map', it should be a second field in request body.")
    operations, places = _read(parts[0]), _read(parts[1])
    if not isinstance(operations, dict):
        raise _invalid("`operations` must be an object: batches cannot have files")
    if not isinstance(places, dict) or not all(_is_list_of_texts(each) for each in places.values()):
        raise _invalid("`map` must be an object of lists of paths")
    if len(places) > options.files_max:
        raise _too_many(options.files_max)
    if sum(map(len, places.values())) > PLACES_MAX:
        raise _invalid(f"`map` has more than {PLACES_MAX} paths")
    by_name = {part.name: part for part in parts[2:]}
    missing = [f"'{name}'" for name in places if name not in by_name]
    if missing:
        raise _invalid(f"Missing files in the request: {', '.join(missing)}.")
    files: dict[str, UploadedFile] = {}
    for i, (name, paths) in enumerate(places.items()):
        file = _build_file(by_name[name], i)
        files[file.token] = file
        for path in paths:
            _put(operations, path, file.token)
    return operations, files


def _build_file(part: _Part, i: int) -> UploadedFile:
    content = bytes(part.content)
    described = b"\0".join((part.filename.encode(), part.headers.get("content-type", b""), content))
    token = f"upload:{i}:{hashlib.sha256(described).hexdigest()}"
    return UploadedFile(
        token, part.filename, part.headers.get("content-type", b"").decode("latin-1"), content
    )


def _read(part: _Part) -> JsonValue:
    try:
        return read_json(bytes(part.content))
    except ValueError as error:
        raise _invalid(f"`{part.name}` is no JSON: {error}") from error


def _is_list_of_texts(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _put(operations: JsonObject, path: str, token: str) -> None:
    """Put `token` where `path` leads to, in place of null."""
    first, *steps = path.split(".")
    if first != "variables" or not steps or len(steps) > DEPTH_MAX:
        raise _invalid(f"Invalid path '{path}' found inside 'map' field, it should start with 'variables.'.")
    holder: JsonValue = operations.get("variables")
    *above, last = steps
    for step in above:
        holder = _step(holder, step)
    if isinstance(holder, dict) and last in holder and holder[last] is None:
        holder[last] = token
    elif isinstance(holder, list) and _has(holder, last) and holder[int(last)] is None:
        holder[int(last)] = token
    else:
        raise _invalid(f"Invalid path '{path}' found inside 'map' field, there is no null in 'operations'.")


def _step(holder: JsonValue, step: str) -> JsonValue:
    if isinstance(holder, Mapping):
        return holder.get(step)
    return holder[int(step)] if isinstance(holder, list) and _has(holder, step) else None


def _has(items: list[JsonValue], step: str) -> bool:
    return INDEX.fullmatch(step) is not None and step.isascii() and int(step) < len(items)


def _too_many(files_max: int) -> Exception:
    message = f"Exceeded the limit of {files_max} file uploads of files in a single request."
    code = ErrorCode.FILE_UPLOADS_LIMITS_MAX_FILES_EXCEEDED
    return refuse(message, code, status=PAYLOAD_TOO_LARGE)


def _invalid(details: str) -> Exception:
    return refuse(INVALID, ErrorCode.INVALID_GRAPHQL_REQUEST, details=details)
