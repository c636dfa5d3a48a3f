"""Fields of objects and interfaces: their type, where they can be resolved, whether they may be shared."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.composition.build import argument_text
from router.composition.context import Merge, merge_descriptions
from router.composition.field_sets import strip_braces
from router.composition.merge.access import merge_field_access, without_access
from router.composition.merge.arguments import FIELD_ARGUMENTS, MergedInput, describe_types, merge_inputs
from router.composition.merge.contexts import without_contextual, write_context_arguments
from router.composition.merge.directives import Applications, merge_directives, write_input
from router.composition.merge.list_sizes import without_dropped
from router.composition.merge.override import Overrides
from router.composition.names import joined_name
from router.composition.report import list_subgraphs
from router.composition.subgraph import Field, Kind, Subgraph, Type
from router.composition.type_ref import TypeRef, is_subtype, named_type
from router.supergraph.write import WrittenElement, write_field, write_string

FieldSource = tuple[Subgraph, Type, Field]


@dataclass(frozen=True, slots=True)
class MergedField:
    """A merged field; `join` is None where every subgraph that has the type resolves it alike."""

    name: str
    type: TypeRef
    arguments: tuple[MergedInput, ...]
    description: str | None
    inaccessible: tuple[str, ...]
    join: tuple[str, ...]
    directives: tuple[str, ...]
    access: tuple[str, ...]

    def write(self, merge: Merge) -> WrittenElement:
        """Its SDL."""
        arguments = [write_input(merge, argument) for argument in self.arguments]
        text = write_field(self.name, arguments, str(self.type))
        directives = (*self.inaccessible, *self.join, *self.access, *self.directives)
        return WrittenElement(text, self.description, directives)


def merge_field(
    merge: Merge,
    type_name: str,
    name: str,
    kind: Kind,
    parents: Sequence[tuple[Subgraph, Type]],
    overrides: Overrides,
) -> MergedField | None:
    """Merge one field over the subgraphs that declare its type; None if nobody can resolve it."""
    sources = [(s, t, t.fields[name]) for s, t in parents if name in t.fields]
    where = f"{type_name}.{name}"
    resolving = [source for source in sources if not source[2].is_external]
    if not resolving:
        merge.report.error(
            "EXTERNAL_MISSING_ON_BASE",
            f'Field "{where}" is marked @external on all the subgraphs in which it is listed '
            f"({list_subgraphs(s.name for s, _, _ in sources)}).",
            [(s.name, item.node) for s, _, item in sources],
        )
        return None
    merged_type = _merge_type(merge, where, resolving)
    given = without_contextual(merge, where, [(s, item.arguments) for s, _, item in resolving])
    arguments = merge_inputs(merge, where, given, FIELD_ARGUMENTS)
    merge.outputs_used.add(named_type(merged_type))
    _check_externals(merge, where, sources, merged_type, arguments)
    if kind is Kind.OBJECT:
        _check_sharing(merge, type_name, name, sources, overrides)
    dropped = {n for _, offered in given for n in offered}.difference(argument.name for argument in arguments)
    applied = without_dropped(merge, where, [_composable(source) for source in sources], dropped)
    inaccessible, directives = merge_directives(merge, where, applied)
    return MergedField(
        name,
        merged_type,
        tuple(arguments),
        merge_descriptions(item.description for _, _, item in resolving),
        inaccessible,
        _join_fields(merge, type_name, name, parents, sources, overrides),
        directives,
        merge_field_access(merge, type_name, kind, name),
    )


def _composable(source: FieldSource) -> Applications:
    """What one declaration says of the field, but for access; an external one only what its subgraph has to know."""
    subgraph, _, item = source
    directives = without_access(item.directives)
    if item.is_external:
        directives = [applied for applied in directives if joined_name(subgraph, applied) is not None]
    return subgraph, directives


def _merge_type(merge: Merge, where: str, sources: Sequence[FieldSource]) -> TypeRef:
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
    told = describe_types([(s.name, item.type) for s, _, item in sources])
    sites = [(s.name, item.node) for s, _, item in sources]
    if is_mismatch:
        merge.report.error(
            "FIELD_TYPE_MISMATCH", f'Type of field "{where}" is incompatible across subgraphs: {told}', sites
        )
    elif len({str(item.type) for _, _, item in sources}) > 1:
        merge.report.hint(
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            f'Type of field "{where}" is inconsistent but compatible across subgraphs: {told}',
            sites,
        )
    return widest


def _check_externals(
    merge: Merge,
    where: str,
    sources: Sequence[FieldSource],
    merged: TypeRef,
    arguments: Sequence[MergedInput],
) -> None:
    for subgraph, _, item in sources:
        if not item.is_external:
            continue
        site = [(subgraph.name, item.node)]
        if not is_subtype(item.type, merged, merge.is_subtype):
            merge.report.error(
                "EXTERNAL_TYPE_MISMATCH",
                f'Type of field "{where}" is incompatible across subgraphs (where marked @external): it has type '
                f'"{merged}" but type "{item.type}" in {list_subgraphs([subgraph.name])}',
                site,
            )
        for argument in arguments:
            declared = item.arguments.get(argument.name)
            if declared is None:
                merge.report.error(
                    "EXTERNAL_ARGUMENT_MISSING",
                    f'Field "{where}" is missing argument "{where}({argument.name}:)" in '
                    f"{list_subgraphs([subgraph.name])}, where it is marked @external",
                    site,
                )
            elif not is_subtype(argument.type, declared.type, merge.is_subtype):
                merge.report.error(
                    "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
                    f'Type of argument "{where}({argument.name}:)" is incompatible in '
                    f"{list_subgraphs([subgraph.name])}, where the field is marked @external",
                    site,
                )
        composed = [a.name for a in item.directives if a.name in merge.composed or a.name == "deprecated"]
        if composed:
            merge.report.error(
                "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
                f'Cannot apply merged directive @{composed[0]} to external field "{where}" in '
                f"{list_subgraphs([subgraph.name])}",
                site,
            )


def _check_sharing(
    merge: Merge, type_name: str, name: str, sources: Sequence[FieldSource], overrides: Overrides
) -> None:
    resolvers = [
        (subgraph, item)
        for subgraph, _, item in sources
        if (not item.is_external or item.is_provided) and (type_name, name, subgraph.name) not in overrides
    ]
    if type_name == "Subscription" and any(item.find("shareable") is not None for _, item in resolvers):
        merge.report.error(
            "INVALID_FIELD_SHARING",
            f'Fields on root level subscription object cannot be marked as shareable: "{type_name}.{name}"',
            [(s.name, item.node) for s, item in resolvers],
        )
        return
    lonely = [(s, item) for s, item in resolvers if not item.is_shareable and not item.is_provided]
    if len(resolvers) > 1 and lonely:
        everywhere = list_subgraphs(s.name for s, _ in resolvers)
        blamed = "all of them" if len(lonely) == len(resolvers) else list_subgraphs(s.name for s, _ in lonely)
        merge.report.error(
            "INVALID_FIELD_SHARING",
            f'Non-shareable field "{type_name}.{name}" is resolved from multiple subgraphs: it is resolved from '
            f"{everywhere} and defined as non-shareable in {blamed}. Mark it @shareable everywhere, or move it with "
            "@override.",
            [(s.name, item.node) for s, item in resolvers],
        )


def _join_fields(
    merge: Merge,
    type_name: str,
    name: str,
    parents: Sequence[tuple[Subgraph, Type]],
    sources: Sequence[FieldSource],
    overrides: Overrides,
) -> tuple[str, ...]:
    lost = {s.name: o for s, _, _ in sources if (o := overrides.get((type_name, name, s.name))) is not None}
    taking = {o.by: (loser, o.label) for loser, o in lost.items()}
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
        taken = taking.get(subgraph.name)
        if taken is not None:
            parts.append(f"override: {write_string(taken[0])}")
        if gone is not None and item.is_used:
            parts.append("usedOverridden: true")
        label = gone.label if gone is not None else taken[1] if taken is not None else None
        if label is not None:
            parts.append(f'overrideLabel: "{label}"')
        contexts = write_context_arguments(subgraph, item)
        if contexts is not None:
            parts.append(contexts)
        joins.append(f"@join__field({', '.join(parts)})")
    return tuple(joins)
