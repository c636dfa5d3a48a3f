"""A committed schema beside what the subgraph's code exports now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice

from router.composition.subgraph import SubgraphSource

_DIFFERENCE_LINES_MAX = 40


@dataclass(frozen=True, slots=True)
class StaleSchema:
    """A schema that is not what the code exports.

    Attributes:
        line: the first line that differs, from 1.
        difference: the first lines of a unified diff from the committed schema to the exported one.
    """

    subgraph: str
    file: str
    line: int
    difference: tuple[str, ...]


def find_stale(sources: Iterable[SubgraphSource], exported: Mapping[str, str]) -> tuple[StaleSchema, ...]:
    """The schemas that differ from what is exported, by subgraph; ends of lines and of the text do not count."""
    found = (_compare(source, exported[source.name]) for source in sources if source.name in exported)
    return tuple(stale for stale in found if stale is not None)


def _compare(source: SubgraphSource, exported: str) -> StaleSchema | None:
    committed, current = source.sdl.rstrip().splitlines(), exported.rstrip().splitlines()
    if committed == current:
        return None
    same = 0
    while same < min(len(committed), len(current)) and committed[same] == current[same]:
        same += 1
    file = source.file or source.name
    lines = unified_diff(committed, current, file, "exported", lineterm="")
    return StaleSchema(source.name, file, same + 1, tuple(islice(lines, _DIFFERENCE_LINES_MAX)))
