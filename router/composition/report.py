"""What composition finds: errors and hints, each with code, subgraphs and source locations."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import Node

from router.composition.codes import ERROR_CODES
from router.composition.hints import HINT_LEVELS, HintLevel


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a subgraph's SDL; line and column count from 1.

    `file` is where the SDL was read from: a path, a URL, or the subgraph's name if the SDL was given as text.
    """

    subgraph: str
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class CompositionError:
    """Why the subgraphs do not compose: `message` says what to do, `code` is Apollo's spelling."""

    code: str
    message: str
    subgraphs: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class CompositionHint:
    """Something that composes and that its authors may not have meant."""

    code: str
    level: HintLevel
    message: str
    subgraphs: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()


class StageFailedError(Exception):
    """A stage of composition found errors; the report has them."""


Site = tuple[str, Node | None]
"""A subgraph's name, and the definition there that is concerned."""


@dataclass(slots=True)
class Report:
    """Collects what the steps of one composition find, in the order found."""

    errors: list[CompositionError] = field(default_factory=list)
    hints: list[CompositionHint] = field(default_factory=list)

    def error(self, code: str, message: str, sites: Iterable[Site] = ()) -> None:
        """Add an error; its code is one of the registry's."""
        assert code in ERROR_CODES, code
        sites = list(sites)
        self.errors.append(CompositionError(code, message, _names(sites), _locations(sites)))

    def hint(self, code: str, message: str, sites: Iterable[Site] = ()) -> None:
        """Add a hint; its level is the registry's."""
        sites = list(sites)
        self.hints.append(CompositionHint(code, HINT_LEVELS[code], message, _names(sites), _locations(sites)))

    def has_failed(self, subgraph: str) -> bool:
        """Whether some error is about a subgraph."""
        return any(subgraph in error.subgraphs for error in self.errors)

    def end_stage(self) -> None:
        """Let the next stage begin, which may take for granted whatever this one checks.

        Raises:
            StageFailedError: there are errors.
        """
        if self.errors:
            raise StageFailedError


def _names(sites: list[Site]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name, _ in sites))


def _locations(sites: list[Site]) -> tuple[Location, ...]:
    return tuple(
        Location(name, node.loc.source.name, node.loc.start_token.line, node.loc.start_token.column)
        for name, node in sites
        if node is not None and node.loc is not None
    )


def list_subgraphs(names: Iterable[str]) -> str:
    """`subgraph "a"`, `subgraphs "a" and "b"`, `subgraphs "a", "b" and "c"`."""
    quoted = [f'"{name}"' for name in dict.fromkeys(names)]
    if len(quoted) == 1:
        return f"subgraph {quoted[0]}"
    return f"subgraphs {', '.join(quoted[:-1])} and {quoted[-1]}"
