"""The supergraph of this installation: composed by the router's own command, again only when it must be.

`supergraph.yaml` takes the subgraphs' addresses from the environment. What is composed goes to the data
directory, with a digest of everything that went in.
"""

from pathlib import Path

from stack.digest import digest_files
from stack.environment import Environments
from stack.processes import Child
from stack.settings import ROOT, SUBGRAPHS, StackSettings

_SOURCE = ROOT / "supergraph.yaml"
# All of the router that has a part in composition, so that who changes it sees the change.
_ROOMS = ("composition", "query_graph", "operation", "supergraph", "spec", "kit", "config")


class Composition:
    """The composed file, and whether it has to be made again."""

    def __init__(self, settings: StackSettings, environments: Environments) -> None:
        self.file = supergraph_file(settings)
        self._unfinished = self.file.with_suffix(".new")
        self._stamp = self.file.with_suffix(".digest")
        self._digest = _digest(settings)
        self._settings = settings
        self._environments = environments

    def start(self) -> Child | None:
        """Start composing; None where nothing has changed since the last time."""
        if self.file.exists() and self._stamp.exists() and self._stamp.read_text() == self._digest:
            return None
        return Child(
            "compose",
            [self._environments.python, "-m", "router", "compose", "--config", _SOURCE],
            environment=self._environments.of_router(),
            logs=self._settings.logs,
            stdout=self._unfinished,
        )

    def keep(self) -> None:
        """Take over what the child wrote, after it has ended well."""
        self._unfinished.rename(self.file)
        self._stamp.write_text(self._digest)


def supergraph_file(settings: StackSettings) -> Path:
    """Return where the composed supergraph is, or will be."""
    return settings.data / "supergraph.graphql"


def _digest(settings: StackSettings) -> str:
    code = [path for room in _ROOMS for path in (ROOT / "router" / room).rglob("*.py")]
    files = digest_files([_SOURCE, *ROOT.glob("subgraphs/*/schema.graphql"), *code])
    return " ".join([files, *(settings.url(name) for name in SUBGRAPHS)])
