"""Definitions of directives: what clients may write into their operations."""

from collections.abc import Iterator

from graphql import GraphQLArgument, GraphQLDirective, GraphQLNonNull, GraphQLSchema, is_specified_directive

from router.checks.changes import Change, ChangeKind, breaking, safe
from router.checks.diff.defaults import diff_default, is_required
from router.checks.diff.notes import diff_deprecation, diff_description
from router.checks.diff.pairs import pair, pair_names
from router.checks.diff.type_references import is_safe_input


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
        yield from _diff_argument(directive, f"{directive}({name}:)", before, after)


def _diff_argument(
    directive: str, coordinate: str, old: GraphQLArgument, new: GraphQLArgument
) -> Iterator[Change]:
    label = f"Argument {coordinate}"
    if str(old.type) != str(new.type):
        kind = ChangeKind.DIRECTIVE_ARGUMENT_TYPE_CHANGED
        told = f"{label} changed its type from {old.type} to {new.type}."
        is_safe = is_safe_input(old.type, new.type)
        yield safe(kind, coordinate, told) if is_safe else breaking(kind, coordinate, told, directive)
    change = diff_default(
        ChangeKind.DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED, coordinate, label, old, new, affects=directive
    )
    if change is not None:
        yield change
    yield from diff_description(
        ChangeKind.DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED, coordinate, label, old, new
    )
    yield from diff_deprecation("DIRECTIVE_ARGUMENT", coordinate, label, old, new)
