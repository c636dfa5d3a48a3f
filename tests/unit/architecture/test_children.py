"""A program that we start must end with us, so it is started in one of three places.

`preexec_fn=dying_with_us(...)` is easily forgotten, and then `kill -9` of the launcher leaves the program
running with the data open. A call that waits for the end itself (`subprocess.run`) leaves nothing for long.
"""

import ast

from tests.unit.architecture.sources import ROOT, SOURCES, parse


def test_every_popen_asks_for_the_childs_end() -> None:
    places = {
        (str(path.relative_to(ROOT)), asks_for_the_end(call))
        for path in SOURCES
        if not path.is_relative_to(ROOT / "tests")
        for call in popen_calls(path.read_text())
    }

    assert places == {
        ("bench/gateways/processes.py", True),
        ("bench/marketplace/processes.py", True),
        ("stack/postgres.py", True),
        ("stack/processes.py", True),
    }


def test_the_check_sees_a_popen_without_it() -> None:
    (call,) = popen_calls("import subprocess\nsubprocess.Popen(['true'])\n")

    assert not asks_for_the_end(call)


def popen_calls(source: str) -> list[ast.Call]:
    """List the calls of something named `Popen`."""
    return [
        node
        for node in ast.walk(parse(source))
        if isinstance(node, ast.Call) and "Popen" in ast.unparse(node.func).split(".")
    ]


def asks_for_the_end(call: ast.Call) -> bool:
    """Tell whether the call has `preexec_fn=dying_with_us(...)`."""
    return any(
        word.arg == "preexec_fn" and ast.unparse(word.value).startswith("dying_with_us(")
        for word in call.keywords
    )
