"""Regular expressions of operators, run on what clients send: in time linear to the text, whatever they say.

Python's own engine tries every way, which for `(a+)+$` is two to the length of the text. RE2 has no back references and
no look-around, as the engine of Apollo Router, so expressions mean here what they mean there.
"""

from functools import cache, lru_cache
from typing import Any

PATTERN_LENGTH_MAX = 4_096
REMEMBERED = 512
REMEMBERED_TEXT_MAX = 256


class PatternError(ValueError):
    """The text is no expression; the message says why."""


class Pattern:
    """One expression. Equal texts make equal patterns."""

    __slots__ = ("_expression", "_search", "text")

    def __init__(self, text: str) -> None:
        """Compile `text`.

        Raises:
            PatternError: it is no expression, too long, or uses what cannot be run in linear time.
        """
        if len(text) > PATTERN_LENGTH_MAX:
            raise PatternError(f"it has more than {PATTERN_LENGTH_MAX} characters")
        re2, options = _load_engine()
        try:
            self._expression = re2.compile(text, options)
        except re2.error as error:
            reason = error.args[0] if error.args else ""
            raise PatternError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
        self.text = text
        # Names of headers are few, and a look at a dictionary costs a tenth of running the expression.
        self._search = lru_cache(REMEMBERED)(self._run)

    def search(self, text: str) -> bool:
        """Whether the expression is found somewhere in `text`."""
        return self._search(text) if len(text) <= REMEMBERED_TEXT_MAX else self._run(text)

    def fullmatch(self, text: str) -> bool:
        """Whether the whole of `text` is what the expression says."""
        return self._expression.fullmatch(text) is not None

    def _run(self, text: str) -> bool:
        return self._expression.search(text) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


@cache
def _load_engine() -> tuple[Any, Any]:
    """RE2 and its options; most routers have no expressions, and it is 3 MB."""
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415 -- it ships no types

    options = re2.Options()
    options.log_errors = False
    return re2, options
