"""Files and functions stay small enough to be read in one go.

Measured on codebases that are pleasant to read, nine modules in ten have fewer than 550 lines and nine functions
in ten fewer than 45; the files beyond are the hard ones. So: a file 400 lines, a function 70. Where a table
or generated text is the idea itself, line 1 says `# long: <reason>`. A test file is a list of cases, read one at a time: 800 lines.
"""

import ast

from tests.unit.architecture.sources import ROOT, SOURCES, parse

_FILE_LINES_MAX = 400
_TEST_FILE_LINES_MAX = 800
_FUNCTION_LINES_MAX = 70
_ESCAPE = "# long: "


def test_files_and_functions_can_be_read_in_one_go() -> None:
    tests = ROOT / "tests"
    faults = {
        str(path.relative_to(ROOT)): too_long(
            path.read_text(), _TEST_FILE_LINES_MAX if path.is_relative_to(tests) else _FILE_LINES_MAX
        )
        for path in SOURCES
    }

    assert {path: found for path, found in faults.items() if found} == {}


def test_the_check_sees_a_long_file_and_a_long_function() -> None:
    at_the_bound = "def f():\n" + "    x = 1\n" * (_FUNCTION_LINES_MAX - 1)

    assert too_long(at_the_bound) == []
    assert too_long(at_the_bound + "    x = 1\n") == ["line 1: f has 71 lines"]
    assert too_long("x = 1\n" * _FILE_LINES_MAX) == []
    assert too_long("x = 1\n" * (_FILE_LINES_MAX + 1)) == ["401 lines"]
    assert too_long("# long: a table\n" + "x = 1\n" * _FILE_LINES_MAX) == []


def too_long(source: str, lines_max: int = _FILE_LINES_MAX) -> list[str]:
    """List what is longer than allowed."""
    lines = source.splitlines()
    if lines and lines[0].startswith(_ESCAPE):
        return []
    faults = [f"{len(lines)} lines"] if len(lines) > lines_max else []
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > _FUNCTION_LINES_MAX:
                faults.append(f"line {node.lineno}: {node.name} has {length} lines")
    return faults
