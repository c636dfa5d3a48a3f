"""Each public code of composition has one rule that names it, and a test of its own.

A code that two places report comes to mean two things; a rule without a test is a guess.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.composition.codes import ERROR_CODES
from tests.unit.architecture.sources import ROOT, parse

_ROOM = ROOT / "router/composition"
_TESTS = ROOT / "tests/unit/router/composition/codes"


def literals(path: Path) -> Iterator[str]:
    """The strings of a file."""
    for node in ast.walk(parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def places() -> dict[str, set[str]]:
    """Where each code is named, but for the registries."""
    found: dict[str, set[str]] = {code: set() for code in ERROR_CODES}
    for path in _ROOM.rglob("*.py"):
        if path.name not in {"codes.py", "hints.py"}:
            for text in literals(path):
                if text in found:
                    found[text].add(str(path.relative_to(_ROOM)))
    return found


@pytest.mark.parametrize(("code", "files"), sorted(places().items()))
def test_one_rule_names_the_code(code: str, files: set[str]) -> None:
    assert len(files) == 1, files
    assert all(file.startswith("rules/") for file in files), files


@pytest.mark.parametrize(("code", "files"), sorted(places().items()))
def test_the_code_has_a_test_of_its_own(code: str, files: set[str]) -> None:
    # A rule that has a code for each of several directives is tested in one file, named as the rule.
    names = {code.lower(), *(Path(file).stem for file in files)}
    tests = [path for name in names if (path := _TESTS / f"test_{name}.py").exists()]

    assert any(
        code in text or code.partition("_")[2] in text for text in (path.read_text() for path in tests)
    ), names
