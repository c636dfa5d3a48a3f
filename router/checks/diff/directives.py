"""Definitions of directives: what clients may write into their operations."""

from collections.abc import Iterator

from graphql import GraphQLDirective, GraphQLNonNull, GraphQLSchema, is_specified_directive

from router.checks.changes import Change, ChangeKind, breaking, safe
from router.checks.diff.defaults import is_required
from router.checks.diff.input_values import diff_input_value
from router.checks.diff.notes import diff_description
from router.checks.diff.pairs import pair, pair_names


def diff_directives(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """Compare the directives of two schemas; GraphQL's own are everywhere."""
    pairs = pair(_by_name(old), _by_name(new))
    for name in pairs.removed:
        yield breaking(ChangeKind.DIRECTIVE_REMOVED, f"@{name}", f"Directive @{name} was removed.")
    for name in pairs.added:
        yield safe(ChangeKind.DIRECTIVE_ADDED, f"@{name}", f"Directive @{name} was added.")
    for before, after in pairs.kept.values():
        yield from _diff(before, after)


def _by_name(schema: GraphQLSchema) -> dict[str, GraphQLDirective]:
    return {each.name: each for each in schema.directives if not is_specified_directive(each)}


def _diff(old: GraphQLDirective, new: GraphQLDirective) -> Iterator[Change]:
    coordinate = f"@{old.name}"
    label = f"Directive {coordinate}"
    if old.is_repeatable and not new.is_repeatable:
        told = f"{label} can no longer be repeated in one place."
        yield breaking(ChangeKind.DIRECTIVE_REPEATABLE_REMOVED, coordinate, told)
    if new.is_repeatable and not old.is_repeatable:
        told = f"{label} can be repeated in one place."
        yield safe(ChangeKind.DIRECTIVE_REPEATABLE_ADDED, coordinate, told)
    locations = pair_names(
        (location.name for location in old.locations), (location.name for location in new.locations)
    )
    for location in locations.removed:
        told = f"{label} can no longer stand on {location}."
        yield breaking(ChangeKind.DIRECTIVE_LOCATION_REMOVED, coordinate, told)
    for location in locations.added:
        yield safe(ChangeKind.DIRECTIVE_LOCATION_ADDED, coordinate, f"{label} can stand on {location}.")
    yield from _diff_arguments(old, new)
    yield from diff_description(ChangeKind.DIRECTIVE_DESCRIPTION_CHANGED, coordinate, label, old, new)


def _diff_arguments(old: GraphQLDirective, new: GraphQLDirective) -> Iterator[Change]:
    directive = f"@{old.name}"
    pairs = pair(old.args, new.args)
    for name in pairs.removed:
        coordinate = f"{directive}({name}:)"
        yield breaking(
            ChangeKind.DIRECTIVE_ARGUMENT_REMOVED, coordinate, f"Argument {coordinate} was removed."
        )
    for name, argument in pairs.added.items():
        coordinate = f"{directive}({name}:)"
        kind, told = ChangeKind.DIRECTIVE_ARGUMENT_ADDED, f"Argument {coordinate} was added"
        if isinstance(argument.type, GraphQLNonNull):
            # With a default no operation breaks. GraphQL Inspector says it does, and nobody is to get a milder verdict here.
            ending = ", and has to be given" if is_required(argument) else ", and must not be null"
            yield breaking(kind, coordinate, f"{told}{ending}.", directive)
        else:
            yield safe(kind, coordinate, f"{told}.")
    for name, (before, after) in pairs.kept.items():
        coordinate = f"{directive}({name}:)"
        label = f"Argument {coordinate}"
        yield from diff_input_value("DIRECTIVE_ARGUMENT", coordinate, label, before, after, affects=directive)
