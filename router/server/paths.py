"""Where GraphQL is served: a plain path, or one with parameters and a rest, as Apollo Router writes them.

`/{tenant}/graphql` stands for one segment, `/graphql/{*rest}` for one or more; `:tenant` and `*` are the older forms.
"""

import re

_SEGMENT = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}|:[A-Za-z_][A-Za-z0-9_]*")
_REST = re.compile(r"\{\*[A-Za-z_][A-Za-z0-9_]*\}|\*")
_SPECIAL = frozenset("{}*:")


def read_path(text: str) -> re.Pattern[str] | None:
    """What a request's path must match; None if it must be `text` itself.

    Raises:
        ValueError: it is no path.
    """
    if not text.startswith("/"):
        raise ValueError("must begin with /")
    segments = text.split("/")
    parts: list[str] = []
    for i, segment in enumerate(segments):
        if _SEGMENT.fullmatch(segment):
            parts.append("[^/]+")
        elif _REST.fullmatch(segment):
            if i + 1 < len(segments):
                raise ValueError("may have a rest only at its end")
            parts.append(".+")
        elif set(segment) & _SPECIAL:
            raise ValueError("must have whole segments as parameters: /{name}, or /{*name} at the end")
        else:
            parts.append(re.escape(segment))
    pattern = "/".join(parts)
    return None if pattern == re.escape(text).replace(r"\/", "/") else re.compile(pattern, re.DOTALL)


def find_plain_part(text: str) -> str:
    """The path up to its first parameter, without a slash at its end: where the studio is."""
    plain: list[str] = []
    for segment in text.split("/"):
        if set(segment) & _SPECIAL:
            break
        plain.append(segment)
    return "/".join(plain).rstrip("/")
