"""Text of people: one form for what looks the same, nothing that cannot be stored, and something to be seen."""

import re
import unicodedata

from subgraphs.common.errors import ErrorCode, InvalidInputError

# Controls (Postgres takes no NUL), other ends of a line, halves of surrogate pairs (JSON has them, UTF-8 does not), and
# the overrides of text direction, with which one name can be made to look like another.
_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("[\n\r\t\u2028\u2029]")
_KEY_CHARACTERS_MAX = 255
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers and the empty Braille cell, which Unicode counts among letters and symbols."""


def tidy_line(text: str) -> str:
    """Compose characters (NFC), trim spaces and join runs of them; other white space is left to be refused."""
    return re.sub(" +", " ", unicodedata.normalize("NFC", text).strip(" "))


def is_storable(text: str) -> bool:
    """Tell whether a line can be stored and shown: no control characters, line ends, half surrogates or bidi overrides."""
    return _UNSTORABLE.search(text) is None


def check_line(text: str, characters_max: int, path: tuple[str, ...]) -> str:
    """One line of text without outer white space, in Unicode's composed form.

    Raises:
        InvalidInputError: nothing of it can be seen, it is too long, or it has control characters.
    """
    line = check_text(text, characters_max, path)
    if line is None:
        raise InvalidInputError("This must not be empty.", path, ErrorCode.REQUIRED)
    if _LINE_ENDS.search(line):
        raise InvalidInputError("This must be one line without control characters.", path)
    return line


def check_text(text: str, characters_max: int, path: tuple[str, ...]) -> str | None:
    """Text without outer white space, in Unicode's composed form; None when nothing of it can be seen.

    Raises:
        InvalidInputError: it is too long, or has control characters that are neither line ends nor tabs, or signs that
            turn the direction of what stands around it.
    """
    composed = unicodedata.normalize("NFC", text).strip()
    if len(composed) > characters_max:
        raise InvalidInputError(f"This has at most {characters_max} characters.", path)
    if not is_storable(_LINE_ENDS.sub("", composed)):
        raise InvalidInputError(
            "This has control characters, or signs that turn the direction of text.", path
        )
    return None if is_blank(composed) else composed


def check_idempotency_key(key: str) -> str:
    """What a client calls one request by, as it is.

    Raises:
        InvalidInputError: it is empty or too long.
    """
    if not 1 <= len(key) <= _KEY_CHARACTERS_MAX:
        raise InvalidInputError(
            f"An idempotencyKey has 1 to {_KEY_CHARACTERS_MAX} characters.", ("idempotencyKey",)
        )
    return key


def is_blank(text: str) -> bool:
    """Tell whether nothing of a text can be seen."""
    return not any(_leaves_a_mark(character) for character in text)


def _leaves_a_mark(character: str) -> bool:
    # A joiner and a space do not, nor a selector or an accent that stands alone.
    return unicodedata.category(character)[0] not in "CMZ" and character not in _INVISIBLE_LETTERS
