"""A TODO names the issue that will do it; without one it is a wish that nobody will read again."""

import io
import re
import tokenize

from tests.unit.architecture.sources import ROOT, SOURCES

_MARK = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_NAMED = re.compile(r"\bTODO\(#\d+\): \S")


def test_a_todo_names_its_issue() -> None:
    faults = {str(path.relative_to(ROOT)): nameless_todos(path.read_text()) for path in SOURCES}

    assert {path: lines for path, lines in faults.items() if lines} == {}


def test_the_check_sees_a_todo_without_an_issue() -> None:
    assert nameless_todos("x = 1  # TODO: later\n") == [1]
    assert nameless_todos("x = 1  # FIXME(#12): later\n") == [1]
    assert nameless_todos("x = 1  # TODO(#12): refuse a second one\n") == []
    assert nameless_todos("x = '# TODO: a text, not a comment'\n") == []


def nameless_todos(source: str) -> list[int]:
    """List the lines whose comment has a mark but no `TODO(#number): text`."""
    if not _MARK.search(source):
        return []
    return [
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and _MARK.search(token.string) and not _NAMED.search(token.string)
    ]
