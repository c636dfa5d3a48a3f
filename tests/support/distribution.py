"""Which tests stay on one worker of a run: those that share what takes long to make, like a whole marketplace.

Without groups by markers, as pytest-xdist has them: up to 3.8 it writes a test's group where pytest 9 does not look any more.
"""

from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it ships no type information

_ALONE = {"test_postgres_fixtures.py", "test_postgres_server.py", "test_reloads.py"}
"""Tests of tests/e2e that share nothing."""
_OWN = {"test_crashes.py", "test_erasure.py"}
"""Those that have shops of their own; the others share the marketplace."""


class Together(LoadScopeScheduling):  # type: ignore[misc]  # of no known type
    """Sends the tests of a group to one worker, the largest groups first."""

    def _split_scope(self, nodeid: str) -> str:
        return find_group(nodeid)


def find_group(nodeid: str) -> str:
    """The group of a test; its own name if it is alone."""
    match PurePath(nodeid.partition("::")[0]).parts:
        case ("tests", "subgraph", folder, _):
            return folder
        case ("tests", "e2e", file) if file not in _ALONE:
            return file if file in _OWN else "marketplace"
        case ("tests", "conformance", "test_faulty_answers.py" as file):
            return file
        case _:
            return nodeid
