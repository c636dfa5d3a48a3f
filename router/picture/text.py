"""Text in pictures: cut to the room there is, and escaped, since names and operations come from others."""

from xml.sax.saxutils import escape


def cut(text: str, length: int) -> str:
    """The text, or its beginning and an ellipsis if it has more than `length` characters."""
    return text if len(text) <= length else f"{text[: max(length - 1, 1)]}…"


def escape_text(text: str) -> str:
    """The text as it may stand in an element or in an attribute in double quotes."""
    return escape(text, {'"': "&quot;"})
