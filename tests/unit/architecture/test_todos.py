"""A TODO names the issue that will do it; without one it is a wish that nobody will read again."""

import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.unit.architecture.sources import ROOT, SOURCES

_MARK = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_NAMED = re.compile(r"\bTODO\(#\d+\): \S")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_todo_names_its_issue(path: Path) -> None:
    assert nameless_todos(path.read_text()) == []


def test_the_check_sees_a_todo_without_an_issue() -> None:
    assert nameless_todos("x = 1  # TODO: later\n") == [1]
    assert nameless_todos("x = 1  # FIXME(#12): later\n") == [1]
    assert nameless_todos("x = 1  # TODO(#12): refuse a second one\n") == []
    assert nameless_todos("x = '# TODO: a text, not a comment'\n") == []


def nameless_todos(source: str) -> list[int]:
    """List the lines whose comment has a mark but no `TODO(#number): text`."""
    return [
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and _MARK.search(token.string) and not _NAMED.search(token.string)
    ]
