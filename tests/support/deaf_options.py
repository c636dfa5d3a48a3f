"""Which options of router.yaml no test would miss: each is left out of every configuration in turn, and a test has to
fail.

    python -m tests.support.deaf_options FOLDER [tests ...]

First the tests run, file by file, and it is noted which of them give which option; then each option's tests run without
it. A test that only reads a file and looks at what was read proves no effect and is left out; who starts a process of its
own, or builds the options themselves, is not seen. What has been found is kept in FOLDER, so that a second run goes on;
delete an option's line there to try it again. It takes half an hour of a processor, so it is no test itself: what it
prints is a list to work on.
"""

import importlib
import json
import multiprocessing
import os
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TypeVar

import pytest

from router.config.describe import NAME
from router.config.reference import list_leaves
from router.config.router_yaml import describe_options
from router.config.section import Findings, Section
from router.kit.json import JsonValue

TESTS = ("tests/unit/router", "tests/contract")
PROVE_NOTHING = ("tests/unit/router/config/", "tests/contract/test_router_yaml.py")
"""Tests that look at what was read."""

WARM = ("httpx", "jwt", "router.app", "tests.support.small_graph")
"""Imported once for all runs."""

FLAGS = ("-q", "-n", "0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")

AT_ONCE_MAX = 8
"""Tests that an option is tried with: those that give the fewest others, which are most likely to be about it."""

OPTIONS = describe_options()
NAMES = sorted({option.general_name for option in list_leaves(OPTIONS)})
PATHS = frozenset(option.path[:length] for option in OPTIONS for length in range(len(option.path) + 1))

Given = dict[str, list[str]]
"""The options that each test gives."""

Result = TypeVar("Result")


def find_general_name(path: str) -> str:
    """The name in docs/configuration.md of what stands at one place of a file, as `headers.subgraphs.a.request[0].remove`."""
    steps: tuple[str, ...] = ()
    for step in re.sub(r"\[\d+\]", ".[]", path).split("."):
        steps = (*steps, step if (*steps, step) in PATHS else NAME)
    return ".".join(steps).replace(".[]", "[]").replace(f"subgraphs.{NAME}", "all")


def main() -> int:
    """Print the options that nobody misses."""
    folder = Path(sys.argv[1])
    for name in WARM:
        importlib.import_module(name)
    given = _note_all(folder / "given.json", _list_files(sys.argv[2:] or TESTS))
    missed = _Kept(folder / "missed.json")
    by_name = {name: [test for test in given if name in given[test]] for name in NAMES}
    # What few tests give is the likeliest not to be missed.
    for name in sorted(NAMES, key=lambda name: len(by_name[name])):
        if name in missed.values:
            continue
        tests = sorted(by_name[name], key=lambda test: len(given[test]))[:AT_ONCE_MAX]
        missed.values[name] = bool(tests) and _run_apart(_is_missed, (name, tests))
        missed.write()
        if not missed.values[name]:
            sys.stdout.write(f"{name}: given by {len(by_name[name])} tests, missed by none\n")
            sys.stdout.flush()
    sys.stdout.write(f"{sum(map(bool, missed.values.values()))} of {len(NAMES)} options are missed\n")
    return 0


class _Kept:
    """Findings that outlast a run."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.values: JsonValue = json.loads(file.read_text()) if file.exists() else {}

    def write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self.values, indent=1))


def _list_files(paths: Iterable[str]) -> list[str]:
    files = [
        file
        for path in paths
        for file in ([Path(path)] if path.endswith(".py") else Path(path).rglob("test_*.py"))
    ]
    return sorted(str(file) for file in files if not str(file).startswith(PROVE_NOTHING))


def _note_all(file: Path, tests: list[str]) -> Given:
    kept = _Kept(file)
    for each in tests:
        if each not in kept.values:
            kept.values[each] = _run_apart(_note_given, each)
            kept.write()
    return {test: names for each in kept.values.values() for test, names in each.items()}


def _note_given(file: str) -> Given:
    given: dict[str, set[str]] = {}

    def note(name: str) -> bool:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        given.setdefault(test or file, set()).add(name)
        return True

    _listen(note)
    _run_tests([file])
    return {test: sorted(names) for test, names in given.items()}


def _is_missed(deaf: tuple[str, list[str]]) -> bool:
    name, tests = deaf
    _listen(lambda each: each != name)
    return _run_tests(["-x", *tests]) in {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}


def _listen(hears: Callable[[str], bool]) -> None:
    """Let sections have only the keys of which `hears` says yes."""
    build = Section.__init__

    def build_deaf(self: Section, value: JsonValue, path: str, findings: Findings) -> None:
        if isinstance(value, dict):
            value = {
                key: inner
                for key, inner in value.items()
                if hears(find_general_name(f"{path}.{key}" if path else str(key)))
            }
        build(self, value, path, findings)

    Section.__init__ = build_deaf  # type: ignore[method-assign]


def _run_tests(arguments: list[str]) -> int:
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        return int(pytest.main([*FLAGS, *arguments]))


def _run_apart(run: Callable[[JsonValue], Result], argument: JsonValue) -> Result:
    """In a process of its own, which has imported no test yet: what tests read while they are imported is read anew."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(run, (argument,))


if __name__ == "__main__":
    sys.exit(main())
