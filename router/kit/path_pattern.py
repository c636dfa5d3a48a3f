"""Paths with places for anything: `/{tenant}/graphql` takes one segment there, `/api/{*rest}` all that follow.

Spec: Apollo Router 2, `supergraph.path`.
"""

import re

_PLACE = re.compile(r"\{\*?[A-Za-z_][A-Za-z0-9_]*\}")


class PathPattern:
    """One path, plain or with places."""

    def __init__(self, text: str) -> None:
        """Read `text`.

        Raises:
            ValueError: it is no path; the message says why.
        """
        if not text.startswith("/"):
            raise ValueError("must begin with /")
        self._segments = text.split("/")
        self.has_places = "{" in text or "}" in text
        for i, segment in enumerate(self._segments):
            if set(segment) & set("{}*:") and not _PLACE.fullmatch(segment):
                raise ValueError(
                    "must be a plain path, or have {name} for a segment and {*name} for the rest"
                )
            if segment.startswith("{*") and i != len(self._segments) - 1:
                raise ValueError("must end with its {*name}")
        self._has_rest = self._segments[-1].startswith("{*")
        self._text = text

    def matches(self, path: str) -> bool:
        """Whether `path` is one of those meant; a place is never empty."""
        if not self.has_places:
            return path == self._text
        given = path.split("/")
        wanted = self._segments
        if self._has_rest:
            given = [*given[: len(wanted) - 1], "/".join(given[len(wanted) - 1 :])]
        return len(given) == len(wanted) and all(
            bool(got) if segment.startswith("{") else got == segment
            for got, segment in zip(given, wanted, strict=True)
        )
