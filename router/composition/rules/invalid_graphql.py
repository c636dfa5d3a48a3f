"""INVALID_GRAPHQL: a schema, of a subgraph or of all together, breaks a rule of GraphQL itself."""

from collections.abc import Iterable

from graphql import GraphQLSyntaxError

from router.composition.report import CompositionError, Location, Report, Site
from router.composition.subgraph import SubgraphSource


def report_invalid_graphql(report: Report, message: str, sites: Iterable[Site]) -> None:
    """Report what GraphQL's own rules have found."""
    report.error("INVALID_GRAPHQL", message, sites)


def report_unreadable(
    report: Report, source: SubgraphSource, error: GraphQLSyntaxError | RecursionError
) -> None:
    """Report an SDL that cannot be parsed; nothing is known of it but the place."""
    if isinstance(error, RecursionError):
        report_invalid_graphql(
            report,
            f"[{source.name}] The SDL nests too deeply to be read: write it with fewer levels",
            [(source.name, None)],
        )
        return
    places = tuple(
        Location(source.name, source.file or source.name, place.line, place.column)
        for place in error.locations or ()
    )
    report.errors.append(
        CompositionError("INVALID_GRAPHQL", f"[{source.name}] {error.message}", (source.name,), places)
    )
