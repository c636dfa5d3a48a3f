"""OVERRIDE_ON_INTERFACE, OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE, OVERRIDE_FROM_SELF_ERROR,
OVERRIDE_SOURCE_HAS_OVERRIDE: where a field can be taken over, and from whom.
"""  # noqa: D205 -- a list of codes

from collections.abc import Iterable

from router.composition.report import Report, Site


def report_override_on_interface(report: Report, where: str, sites: Iterable[Site]) -> None:
    """Report an `@override` on an interface's field, which nobody resolves."""
    report.error(
        "OVERRIDE_ON_INTERFACE",
        f'@override cannot be used on field "{where}" because its parent is an interface: override the fields of its '
        "implementations.",
        sites,
    )


def report_override_collision(report: Report, where: str, other: str, sites: Iterable[Site]) -> None:
    """Report an `@override` beside `other`, which it does not go with."""
    report.error(
        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        f'@override cannot be used on field "{where}": it does not go with {other}.',
        sites,
    )


def report_override_from_self(report: Report, where: str, name: str, sites: Iterable[Site]) -> None:
    """Report a field that is taken over from its own subgraph."""
    report.error(
        "OVERRIDE_FROM_SELF_ERROR",
        f'Source and destination subgraphs "{name}" are the same for overridden field "{where}": name the subgraph that '
        "resolves it now.",
        sites,
    )


def report_override_source_has_override(
    report: Report, where: str, names: tuple[str, str], sites: Iterable[Site]
) -> None:
    """Report a field that the two subgraphs would take over, one from the other."""
    report.error(
        "OVERRIDE_SOURCE_HAS_OVERRIDE",
        f'Field "{where}" on subgraph "{names[0]}" is also marked with directive @override in subgraph "{names[1]}". Only '
        "one @override directive is allowed per field.",
        sites,
    )
