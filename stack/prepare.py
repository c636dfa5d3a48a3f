"""Tables and demo data: each subgraph's own `migrate` and `seed`, the five side by side.

Both are safe to repeat, so they are left out only where it is sure that nothing would happen: the cluster
is ours, and the subgraph's code is what it was when they were last done in it.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from stack.digest import digest_files
from stack.environment import Environments
from stack.errors import ChildFailedError
from stack.processes import Child, finish_all
from stack.settings import ROOT, SUBGRAPHS, StackSettings

_TIMEOUT_S = 180.0


class Preparation:
    """What has to be done before the subgraphs can start; a `cluster` of ours remembers what was done in it."""

    def __init__(self, settings: StackSettings, environments: Environments, cluster: Path | None) -> None:
        self._settings = settings
        self._environments = environments
        self._done_file = cluster / "prepared.json" if cluster is not None else None
        self._digests = {name: _digest_code(name) for name in SUBGRAPHS}
        done = _read_done(self._done_file)
        self.pending = [name for name in SUBGRAPHS if done.get(name) != self._digests[name]]

    def run(self, command: str) -> None:
        """Run `migrate` or `seed` in every subgraph that needs it.

        Raises:
            ChildFailedError: one of them failed.
        """
        children = [
            Child(
                f"{name}-{command}",
                [self._environments.python, "-m", f"subgraphs.{name}", command],
                environment=self._environments.of_subgraph(name),
                logs=self._settings.logs,
            )
            for name in self.pending
        ]
        try:
            finish_all(children, timeout_s=_TIMEOUT_S)
        except ChildFailedError as error:
            cure = f"{error.cure} If the data are spoiled, `make reset` throws them away."
            raise ChildFailedError(error.what, cure) from error

    def remember(self) -> None:
        """Note that everything is done."""
        if self._done_file is not None:
            self._done_file.write_text(json.dumps(self._digests))


def _read_done(file: Path | None) -> dict[str, str]:
    try:
        done = json.loads(file.read_text()) if file is not None else {}
    except (OSError, ValueError):
        return {}
    return done if isinstance(done, dict) else {}


def _digest_code(name: str) -> str:
    folders = (ROOT / "subgraphs" / name, ROOT / "subgraphs" / "common")
    return digest_files(path for folder in folders for path in _code(folder))


def _code(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.suffix in {".py", ".json", ".sql"})
