"""Enums: a union of values where clients read them, an intersection where clients send them, equal where both."""

from collections.abc import Sequence

from router.composition.context import Merge, Sources
from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.directives import merge_directives
from router.composition.report import list_subgraphs
from router.composition.rules.empty_merged_enum_type import report_empty_merged_enum_type
from router.composition.rules.enum_value_mismatch import report_enum_value_mismatch
from router.composition.subgraph import EnumValue, Subgraph
from router.supergraph.write import WrittenElement


def merge_enum(merge: Merge, name: str, sources: Sources) -> tuple[WrittenElement, ...]:
    """The merged values of one enum."""
    is_input, is_output = name in merge.inputs_used, name in merge.outputs_used
    if not is_input and not is_output:
        merge.report.hint(
            "UNUSED_ENUM_TYPE",
            f'Enum type "{name}" is defined but unused. It will be included in the supergraph with all its values.',
            [(s.name, declared.node) for s, declared in sources],
        )
    elements = []
    for value_name in dict.fromkeys(value for _, declared in sources for value in declared.values):
        found = [(s, declared.values[value_name]) for s, declared in sources if value_name in declared.values]
        missing = [s.name for s, declared in sources if value_name not in declared.values]
        if (
            missing
            and not _is_hidden(found)
            and not _is_kept(merge, f"{name}.{value_name}", found, missing, (is_input, is_output))
        ):
            continue
        first, rest = merge_directives(merge, f"{name}.{value_name}", ((s, v.directives) for s, v in found))
        joins = tuple(f"@join__enumValue(graph: {merge.graphs[s.name]})" for s, _ in found)
        told = ((s, value.description, value.node) for s, value in found)
        description = merge_descriptions(merge, f'Enum value "{name}.{value_name}"', told)
        elements.append(WrittenElement(value_name, description, (*first, *joins, *rest)))
    if not elements:
        report_empty_merged_enum_type(merge, name, sources)
    return tuple(elements)


def _is_hidden(found: Sequence[tuple[Subgraph, EnumValue]]) -> bool:
    return any(applied.name == "inaccessible" for _, value in found for applied in value.directives)


def _is_kept(
    merge: Merge,
    where: str,
    found: Sequence[tuple[Subgraph, EnumValue]],
    missing: Sequence[str],
    usage: tuple[bool, bool],
) -> bool:
    is_input, is_output = usage
    sites = [(s.name, value.node) for s, value in found]
    told = f"it is defined in {list_subgraphs(s.name for s, _ in found)} but not in {list_subgraphs(missing)}"
    if is_input and is_output:
        report_enum_value_mismatch(merge, where, told, sites)
        return True
    if is_input:
        merge.report.hint(
            "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
            f'Enum value "{where}" will not be in the supergraph: {told}',
            sites,
        )
        return False
    merge.report.hint(
        "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
        f'Value "{where}" has been added to the supergraph but is only defined in a subset of the subgraphs defining its '
        f"enum: {told}.",
        sites,
    )
    return True
