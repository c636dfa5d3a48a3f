"""Relay connections over keyset pagination: no page costs more than the one before it.

A cursor holds the sort values and the id of its row, so the next page is "rows after these values" and needs no
OFFSET; rows that come or go between two requests shift nothing. The client sees an opaque text, which is signed: what a
cursor makes a statement compare with is only ever what a list has given out.

Spec: Relay, GraphQL Cursor Connections.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from subgraphs.common.errors import BadUserInputError

PAGE_SIZE = 20
PAGE_SIZE_MAX = 100
CURSOR_CHARACTERS_MAX = 1_024
_SIGNATURE_BYTES = 12

Row = TypeVar("Row")
CursorValues = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page of a list: `size` rows after or before a place, from the front or from the back.

    Attributes:
        after, before: the cursors' values, in the order of the sort, the id last; None where there is none.
        backward: whether the page is the last rows rather than the first.
    """

    size: int
    after: CursorValues | None
    before: CursorValues | None
    backward: bool

    @property
    def limit(self) -> int:
        """How many rows to ask for: one more than the page, which tells whether there are more."""
        return self.size + 1


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of a page in the list's own order, each with its cursor."""

    rows: tuple[Row, ...]
    cursors: tuple[str, ...]
    has_next_page: bool
    has_previous_page: bool


def read_page_request(
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    size: int = PAGE_SIZE,
) -> PageRequest:
    """The page that a client's arguments ask for; `size` rows when it says neither `first` nor `last`.

    Raises:
        BadUserInputError: a negative or too large size, both `first` and `last`, a cursor that is none of ours.
    """
    if last is not None and first == size:
        # `first` has a default in the schema: whoever asks for `last` did not mean it.
        first = None
    if first is not None and last is not None:
        raise BadUserInputError("Ask for first or last, not both.")
    wanted = first if first is not None else last if last is not None else size
    if not 0 <= wanted <= PAGE_SIZE_MAX:
        raise BadUserInputError(f"A page has 0 to {PAGE_SIZE_MAX} items.")
    return PageRequest(wanted, _decode(after), _decode(before), backward=last is not None)


def build_page(
    request: PageRequest, rows: Sequence[Row], cursor_values: Callable[[Row], CursorValues]
) -> Page[Row]:
    """The page made of what the database gave for `request`.

    `rows` are at most `request.limit` rows, nearest first: in the list's order, or in reverse for a backward page.
    """
    more = len(rows) > request.size
    kept = list(rows[: request.size])
    if request.backward:
        kept.reverse()
    return Page(
        rows=tuple(kept),
        cursors=tuple(encode_cursor(cursor_values(row)) for row in kept),
        # Who gives a cursor has seen its row, on the other side of it.
        has_next_page=(more and not request.backward) or request.before is not None,
        has_previous_page=(more and request.backward) or request.after is not None,
    )


class _Signer:
    """Signs cursors with one key a process; the key of a process that was told none is its own."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(hashlib.blake2b.MAX_KEY_SIZE)

    def use(self, secret: str) -> None:
        self._key = hashlib.blake2b(secret.encode(), person=b"cursors").digest()

    def sign(self, content: bytes) -> bytes:
        return hashlib.blake2b(content, digest_size=_SIGNATURE_BYTES, key=self._key).digest()


_signer = _Signer()


def sign_cursors_with(secret: str) -> None:
    """Sign this process's cursors so that every process with the same secret takes them, also after a restart."""
    _signer.use(secret)


def encode_cursor(values: CursorValues) -> str:
    """The opaque text for a row's sort values; UUIDs and times come back as text."""
    content = orjson.dumps(values, default=str)
    return base64.urlsafe_b64encode(_signer.sign(content) + content).rstrip(b"=").decode()


def _decode(cursor: str | None) -> CursorValues | None:
    if cursor is None:
        return None
    try:
        if len(cursor) > CURSOR_CHARACTERS_MAX:
            raise ValueError  # noqa: TRY301 -- every fault of a cursor is answered alike
        signed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        signature, content = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, _signer.sign(content)):
            raise ValueError  # noqa: TRY301 -- see above
        values = orjson.loads(content)
    except (ValueError, binascii.Error):
        values = None
    if not isinstance(values, list) or not values or not all(_is_sort_value(value) for value in values):
        raise BadUserInputError("This cursor is none that this list gave out.")
    return tuple(values)


def _is_sort_value(value: object) -> bool:
    # NUL is valid JSON, but no text of Postgres.
    return not isinstance(value, list | dict) and not (isinstance(value, str) and "\0" in value)
