"""INVALID_SHAREABLE_USAGE: `@shareable` is for object fields, once for each declaration."""

from router.composition.report import Report
from router.composition.subgraph import Kind, Subgraph


def check_invalid_shareable_usage(subgraph: Subgraph, report: Report) -> None:
    """Check where `@shareable` stands."""
    for declared, item in subgraph.fields():
        marks = [applied for applied in item.directives if applied.name == "shareable"]
        if marks and declared.kind is not Kind.OBJECT:
            report.error(
                "INVALID_SHAREABLE_USAGE",
                f'[{subgraph.name}] Invalid use of @shareable on field "{declared.name}.{item.name}": only object type '
                "fields can be marked with @shareable",
                [(subgraph.name, marks[0].node)],
            )
        if len(marks) > 1:
            report.error(
                "INVALID_SHAREABLE_USAGE",
                f'[{subgraph.name}] Invalid duplicate application of @shareable on field "{declared.name}.{item.name}"',
                [(subgraph.name, applied.node) for applied in marks],
            )
    for declared in subgraph.types.values():
        for on_extension in (False, True):
            marks = [
                a for a in declared.directives if a.name == "shareable" and a.on_extension is on_extension
            ]
            if len(marks) > 1 and not on_extension:
                report.error(
                    "INVALID_SHAREABLE_USAGE",
                    f"[{subgraph.name}] Invalid duplicate application of @shareable on the same type declaration of "
                    f'"{declared.name}": @shareable is only repeatable on types so it can be used simultaneously on a '
                    "type definition and its extensions",
                    [(subgraph.name, applied.node) for applied in marks],
                )
