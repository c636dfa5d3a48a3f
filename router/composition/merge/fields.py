"""Fields of objects and interfaces: their type, where they can be resolved, whether they may be shared."""

from collections.abc import Iterator, Sequence

from router.composition.context import Merge, Sources
from router.composition.field_sets import strip_braces
from router.composition.merge.access import merge_field_access, without_access
from router.composition.merge.arguments import FIELD_ARGUMENTS, merge_inputs
from router.composition.merge.contexts import without_contextual, write_context_arguments
from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.directives import Applications, merge_directives, write_input
from router.composition.merge.list_sizes import without_dropped
from router.composition.merge.override import Overrides
from router.composition.merged import FieldSource, FieldSources, MergedField, MergedInput, describe_types
from router.composition.names import joined_name
from router.composition.rules.external_arguments import check_external_arguments
from router.composition.rules.external_missing_on_base import report_external_missing_on_base
from router.composition.rules.external_type_mismatch import check_external_type_mismatch
from router.composition.rules.field_type_mismatch import report_field_type_mismatch
from router.composition.rules.invalid_field_sharing import check_invalid_field_sharing
from router.composition.rules.merged_directive_application_on_external import (
    check_merged_directive_application_on_external,
)
from router.composition.subgraph import Field, Kind, Subgraph, argument_text
from router.composition.type_ref import TypeRef, is_subtype, named_type
from router.supergraph.write import WrittenElement, write_field, write_string


def write_merged_field(merge: Merge, item: MergedField) -> WrittenElement:
    """The SDL of a merged field."""
    arguments = [write_input(merge, argument) for argument in item.arguments]
    text = write_field(item.name, arguments, str(item.type))
    directives = (*item.inaccessible, *item.join, *item.access, *item.directives)
    return WrittenElement(text, item.description, directives)


def merge_field(
    merge: Merge, type_name: str, name: str, kind: Kind, parents: Sources, overrides: Overrides
) -> MergedField | None:
    """Merge one field over the subgraphs that declare its type; None if nobody can resolve it."""
    sources = [(s, t, t.fields[name]) for s, t in parents if name in t.fields]
    where = f"{type_name}.{name}"
    resolving = [source for source in sources if not source[2].is_external]
    given_by = list(find_interface_object_fields(merge, type_name, name)) if kind is Kind.OBJECT else []
    if not resolving and not given_by:
        report_external_missing_on_base(merge, where, sources)
        return None
    # What only an interface object resolves is described by those who refer to it.
    telling = resolving or sources
    merged_type = _merge_type(merge, where, telling)
    given = without_contextual(merge, where, [(s, item.arguments) for s, _, item in telling])
    arguments = merge_inputs(merge, where, given, FIELD_ARGUMENTS)
    merge.outputs_used.add(named_type(merged_type))
    _check_externals(merge, where, sources, resolving, merged_type, arguments)
    if kind is Kind.OBJECT:
        resolvers = [(s, item) for s, _, item in sources if _resolves(s, type_name, item, overrides)]
        check_invalid_field_sharing(merge, type_name, name, [*resolvers, *given_by])
    optional = {n for _, offered in given for n, argument in offered.items() if not argument.is_required}
    dropped = optional.difference(argument.name for argument in arguments)
    applied = without_dropped(merge, where, [_composable(source) for source in sources], dropped)
    inaccessible, directives = merge_directives(merge, where, applied)
    told = ((s, item.description, item.node) for s, _, item in telling)
    return MergedField(
        name,
        merged_type,
        tuple(arguments),
        merge_descriptions(merge, f'Field "{where}"', told),
        inaccessible,
        _join_fields(merge, type_name, name, parents, sources, overrides),
        directives,
        merge_field_access(merge, type_name, kind, name),
    )


def find_interface_object_fields(merge: Merge, type_name: str, name: str) -> Iterator[tuple[Subgraph, Field]]:
    """The declarations of a field that stand in for the type's own, where the subgraph does not have the type."""
    for interface in merge.interfaces.get(type_name, ()):
        for subgraph, declared in merge.sources(interface):
            item = declared.fields.get(name)
            if (
                declared.is_interface_object
                and item is not None
                and not item.is_external
                and type_name not in subgraph.types
            ):
                yield subgraph, item


def _resolves(subgraph: Subgraph, type_name: str, item: Field, overrides: Overrides) -> bool:
    is_taken = (type_name, item.name, subgraph.name) in overrides
    return (not item.is_external or item.is_provided) and not is_taken


def _composable(source: FieldSource) -> Applications:
    """What one declaration says of the field, but for access; an external one only what its subgraph has to know."""
    subgraph, _, item = source
    directives = without_access(item.directives)
    if item.is_external:
        directives = [applied for applied in directives if joined_name(subgraph, applied) is not None]
    return subgraph, directives


def _merge_type(merge: Merge, where: str, sources: FieldSources) -> TypeRef:
    """The widest of the declared types."""
    widest = sources[0][2].type
    is_mismatch = False
    for _, _, item in sources[1:]:
        if is_subtype(item.type, widest, merge.is_subtype):
            continue
        if is_subtype(widest, item.type, merge.is_subtype):
            widest = item.type
        else:
            is_mismatch = True
    declared = [(subgraph, item.type, item.node) for subgraph, _, item in sources]
    if is_mismatch:
        report_field_type_mismatch(merge, where, declared)
    elif any(item.type != widest for _, _, item in sources):
        merge.report.hint(
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            f'Type of field "{where}" is inconsistent but compatible across subgraphs: it has {describe_types(declared)}. '
            f'The supergraph will use "{widest}".',
            [(subgraph.name, node) for subgraph, _, node in declared],
        )
    return widest


def _check_externals(
    merge: Merge,
    where: str,
    sources: FieldSources,
    resolving: FieldSources,
    merged: TypeRef,
    arguments: Sequence[MergedInput],
) -> None:
    is_uniform = all(item.type == merged for _, _, item in resolving)
    for subgraph, _, item in sources:
        if item.is_external:
            check_external_type_mismatch(merge, where, subgraph, item, merged, is_uniform=is_uniform)
            check_external_arguments(merge, where, subgraph, item, arguments)
            check_merged_directive_application_on_external(merge, where, subgraph, item)


def _join_fields(
    merge: Merge,
    type_name: str,
    name: str,
    parents: Sources,
    sources: FieldSources,
    overrides: Overrides,
) -> tuple[str, ...]:
    lost = {s.name: o for s, _, _ in sources if (o := overrides.get((type_name, name, s.name))) is not None}
    taking = {override.by: override.label for override in lost.values()}
    are_types_equal = len({str(item.type) for _, _, item in sources}) == 1
    is_plain = all(
        not item.is_external
        and item.find("requires") is None
        and item.find("provides") is None
        and write_context_arguments(subgraph, item) is None
        for subgraph, _, item in sources
    )
    if are_types_equal and is_plain and not lost and len(sources) == len(parents):
        return ()
    joins = []
    for subgraph, _, item in sources:
        gone = lost.get(subgraph.name)
        if gone is not None and gone.label is None and not item.is_used:
            continue
        parts = [f"graph: {merge.graphs[subgraph.name]}"]
        parts += [
            f"{directive}: {write_string(strip_braces(argument_text(applied, 'fields') or ''))}"
            for directive in ("requires", "provides")
            if (applied := item.find(directive)) is not None
        ]
        if not are_types_equal:
            parts.append(f'type: "{item.type}"')
        if item.is_external:
            parts.append("external: true")
        applied = item.find("override")
        if applied is not None:
            parts.append(f"override: {write_string(argument_text(applied, 'from') or '')}")
        if gone is not None and item.is_used:
            parts.append("usedOverridden: true")
        label = gone.label if gone is not None else taking.get(subgraph.name)
        if label is not None:
            parts.append(f'overrideLabel: "{label}"')
        contexts = write_context_arguments(subgraph, item)
        if contexts is not None:
            parts.append(contexts)
        joins.append(f"@join__field({', '.join(parts)})")
    return tuple(joins)
