"""Which options of router.yaml no test would miss: each is left out of every configuration in turn, and a test has to
fail.

    python -m tests.support.deaf_options FOLDER [--only TEXT] [tests ...]

First the tests run, file by file, and it is noted which of them give which option; then each option's tests run without
it, in the order of how few others they give. Everything runs in forks of one process that has imported all tests, so an
option takes about as long as its tests do. A test that only reads a file and looks at what was read proves no effect and
is left out; who starts a process of its own, or builds the options themselves, is not seen. What has been found is kept in
FOLDER, so that a second run goes on: files that have changed are noted again, and so are options that nothing missed or
whose tests are others now. `--only` tries the options whose name begins so. It takes minutes of a processor, so it is no
test itself: what it prints is a list to work on.
"""

import argparse
import hashlib
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from router.config.describe import NAME
from router.config.reference import list_leaves
from router.config.router_yaml import describe_options
from router.config.section import Findings, Section
from router.kit.json import JsonValue

TESTS = ("tests/unit/router", "tests/contract")
PROVE_NOTHING = (
    "tests/contract/test_router_yaml.py",
    "tests/unit/router/config/",
    "tests/unit/router/options/test_all_and_one.py",
    "tests/unit/router/options/test_expansion.py",
)
"""Tests that look at what was read."""

FLAGS = ("-q", "-n", "0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")

AT_ONCE_MAX = 40
"""Tests that an option is tried with: those that give the fewest others, which are most likely to be about it."""

PATIENCE_S = 60
"""A test that hangs without an option misses it."""

OPTIONS = describe_options()
NAMES = sorted({option.general_name for option in list_leaves(OPTIONS)})
PATHS = frozenset(option.path[:length] for option in OPTIONS for length in range(len(option.path) + 1))

Given = dict[str, list[str]]
"""The options that each test gives."""


def find_general_name(path: str) -> str:
    """The name in docs/configuration.md of what stands at one place of a file, as `headers.subgraphs.a.request[0].remove`."""
    steps: tuple[str, ...] = ()
    for step in re.sub(r"\[\d+\]", ".[]", path).split("."):
        steps = (*steps, step if (*steps, step) in PATHS else NAME)
    return ".".join(steps).replace(".[]", "[]").replace(f"subgraphs.{NAME}", "all")


def main() -> int:
    """Print the options that nobody misses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("tests", nargs="*", default=TESTS)
    arguments = parser.parse_intermixed_args()
    trial = _Trial(arguments.folder, _list_files(arguments.tests), arguments.only)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        pytest.main([*FLAGS, *trial.files], plugins=[trial])
    return 0


class _Kept:
    """Findings that outlast a run."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.values: JsonValue = json.loads(file.read_text()) if file.exists() else {}

    def write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self.values, indent=1))


class _Trial:
    """A plugin of pytest's that runs tests as often as there are questions about them."""

    def __init__(self, folder: Path, files: Sequence[str], only: str) -> None:
        self._given, self._missed = _Kept(folder / "given.json"), _Kept(folder / "missed.json")
        self._only = only
        self.files = files

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of running each test once."""
        items = {item.nodeid: item for item in session.items}
        self._note_all(items)
        given: Given = {
            test: names
            for file in self.files
            for test, names in self._given.values[file]["given"].items()
            if test in items
        }
        by_name = {
            name: sorted((test for test in given if name in given[test]), key=lambda test: len(given[test]))
            for name in NAMES
        }
        for name in sorted(NAMES, key=lambda name: len(by_name[name])):
            if name.startswith(self._only):
                self._try(name, by_name[name], items)
        missed = sum(1 for name in NAMES if self._missed.values.get(name))
        _say(f"{missed} of {len(NAMES)} options are missed")
        return True

    def _note_all(self, items: dict[str, pytest.Item]) -> None:
        for file in self.files:
            digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
            if self._given.values.get(file, {}).get("digest") == digest:
                continue
            tests = [item for test, item in items.items() if test.partition("::")[0] == file]
            self._given.values[file] = {"digest": digest, "given": _note_given(tests)}
            self._given.write()

    def _try(self, name: str, tests: list[str], items: dict[str, pytest.Item]) -> None:
        """The test that misses the option is kept; it is tried first the next time."""
        last = self._missed.values.get(name)
        if last in tests:
            return
        found = None
        for test in tests[:AT_ONCE_MAX]:
            if _is_missed(name, items[test]):
                found = test
                break
        self._missed.values[name] = found
        self._missed.write()
        if found is None:
            _say(f"{name}: given by {len(tests)} tests, missed by none")


def _say(line: str) -> None:
    sys.__stdout__.write(f"{line}\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


def _list_files(paths: Iterable[str]) -> list[str]:
    files = [
        file
        for path in paths
        for file in ([Path(path)] if path.endswith(".py") else Path(path).rglob("test_*.py"))
    ]
    return sorted(str(file) for file in files if not str(file).startswith(PROVE_NOTHING))


def _note_given(items: list[pytest.Item]) -> Given:
    given: dict[str, set[str]] = {}

    def note(name: str) -> bool:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        given.setdefault(test, set()).add(name)
        return True

    reading, writing = os.pipe()

    def run() -> int:
        os.close(reading)
        _listen(note)
        _run(items)
        with os.fdopen(writing, "w") as pipe:
            json.dump({test: sorted(names) for test, names in given.items()}, pipe)
        return 0

    child = _fork(run)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        found: Given = json.loads(pipe.read() or "{}")
    os.waitpid(child, 0)
    return found


def _is_missed(name: str, item: pytest.Item) -> bool:
    def run() -> int:
        signal.alarm(PATIENCE_S)
        _listen(lambda each: each != name)
        return int(_run([item]) > 0)

    return os.waitpid(_fork(run), 0)[1] != 0


def _fork(run: Callable[[], int]) -> int:
    """The child's id; it ends with what `run` gives."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(run())
        except BaseException:  # noqa: BLE001 -- nothing of the child may go on in the parent's place
            os._exit(1)
    return child


def _run(items: list[pytest.Item]) -> int:
    """How many failed."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    return items[0].session.testsfailed if items else 0


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


if __name__ == "__main__":
    sys.exit(main())
