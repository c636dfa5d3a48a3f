"""INVALID_SHAREABLE_USAGE: `@shareable` is for object fields, once for each declaration."""

from collections.abc import Sequence

from graphql import DirectiveNode, Node, ObjectTypeDefinitionNode, ObjectTypeExtensionNode

from router.composition.report import Report
from router.composition.subgraph import Kind, Subgraph


def check_invalid_shareable_usage(subgraph: Subgraph, report: Report) -> None:
    """Check where `@shareable` stands."""
    for declared, item in subgraph.fields():
        marks = [applied.node for applied in item.directives if applied.name == "shareable"]
        where = f'field "{declared.name}.{item.name}"'
        if marks and declared.kind is not Kind.OBJECT:
            report.error(
                "INVALID_SHAREABLE_USAGE",
                f"[{subgraph.name}] Invalid use of @shareable on {where}: only fields of object types are resolved and "
                "can be shared; mark those of the implementations",
                [(subgraph.name, marks[0])],
            )
        _check_once(subgraph, where, marks, report)
    # It can be repeated for a type: it is about the fields of the declaration that it is on.
    for node in subgraph.linked.document.definitions:
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            marks = [mark for mark in node.directives or () if _is_shareable(subgraph, mark)]
            _check_once(subgraph, f'one declaration of type "{node.name.value}"', marks, report)


def _is_shareable(subgraph: Subgraph, mark: DirectiveNode) -> bool:
    return subgraph.linked.canonical.get(mark.name.value) == "shareable"


def _check_once(subgraph: Subgraph, where: str, marks: Sequence[Node], report: Report) -> None:
    if len(marks) > 1:
        report.error(
            "INVALID_SHAREABLE_USAGE",
            f"[{subgraph.name}] Invalid duplicate application of @shareable on {where}: apply it once",
            [(subgraph.name, mark) for mark in marks],
        )
