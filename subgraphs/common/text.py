"""Text of people: one form for what looks the same, nothing that cannot be stored, and something to be seen."""

import re
import unicodedata

# Controls (Postgres takes no NUL), halves of surrogate pairs (JSON has them, UTF-8 does not), and the overrides
# of text direction, with which one name can be made to look like another.
_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers and the empty Braille cell, which Unicode counts among letters and symbols."""


def tidy_line(text: str) -> str:
    """Compose characters (NFC), trim spaces and join runs of them; other white space is left to be refused."""
    return re.sub(" +", " ", unicodedata.normalize("NFC", text).strip(" "))


def is_storable(text: str) -> bool:
    """Tell whether a text can be stored and shown: no control characters, half surrogates or bidi overrides."""
    return _UNSTORABLE.search(text) is None


def is_blank(text: str) -> bool:
    """Tell whether nothing of a text can be seen."""
    return not any(_leaves_a_mark(character) for character in text)


def _leaves_a_mark(character: str) -> bool:
    # A joiner, a selector and a space do not.
    return unicodedata.category(character)[0] not in "CZ" and character not in _INVISIBLE_LETTERS
