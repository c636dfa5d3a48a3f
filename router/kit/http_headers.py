"""What may stand in a header.

Whatever comes from elsewhere is looked at before it is written: a line break in a value would begin another header, or
another message.

Spec: RFC 9110, 5.1 Field Names, 5.5 Field Values.
"""

import re

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

FRAMING = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that say where a message ends and how it travels: each connection's own."""

REPEATED = frozenset({"set-cookie", "www-authenticate"})
"""Headers whose values hold commas of their own, so that they are never joined."""

SET_COOKIE = "set-cookie"
"""What makes an answer one client's own, whoever else has asked the same."""

SEPARATOR = "\n"
"""Between the values of such a header where one string stands for all of them; no value holds it."""


def is_name(name: str) -> bool:
    """Whether `name` can be a header's."""
    return _NAME.fullmatch(name) is not None


def is_value(value: object) -> bool:
    """Whether `value` can be a header's: printable characters of Latin-1, and tabs."""
    return isinstance(value, str) and _VALUE.fullmatch(value) is not None


def join_values(name: str, before: str, value: str) -> str:
    """One string for two values of the header `name`."""
    return f"{before}{SEPARATOR if name in REPEATED else ', '}{value}"


def split_values(name: str, joined: str) -> list[str]:
    """The values that one string stands for: those of `REPEATED` apart, others as they were joined."""
    return joined.split(SEPARATOR) if name in REPEATED else [joined]
