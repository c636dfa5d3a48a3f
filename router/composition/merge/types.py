"""All types of the supergraph, each merged by its kind; enums last, since what they are used for decides how."""

from router.composition.context import Merge, Sources
from router.composition.field_sets import strip_braces
from router.composition.merge.access import merge_field_access, merge_type_access, without_access
from router.composition.merge.arguments import INPUT_FIELDS, merge_inputs
from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.directives import merge_directives, write_input
from router.composition.merge.enums import merge_enum
from router.composition.merge.fields import (
    find_interface_object_fields,
    merge_field,
    write_merged_field,
)
from router.composition.merge.inconsistencies import ROOT_NAMES, hint_inconsistencies
from router.composition.merge.override import Overrides, find_overrides
from router.composition.merged import MergedField
from router.composition.rules.empty_merged_input_type import report_empty_merged_input_type
from router.composition.rules.extension_with_no_base import report_extension_with_no_base
from router.composition.rules.interface_object_usage_error import report_interface_object_without_interface
from router.composition.rules.invalid_field_sharing import check_invalid_field_sharing
from router.composition.rules.no_queries import report_no_queries
from router.composition.rules.type_kind_mismatch import report_type_kind_mismatch
from router.composition.subgraph import Kind, Type, argument_text
from router.composition.type_ref import named_type
from router.supergraph.write import WrittenElement, WrittenType, write_string


def merge_types(merge: Merge) -> list[WrittenType]:
    """Merge every type; the report has what does not fit."""
    overrides = find_overrides(merge)
    merged: dict[str, WrittenType] = {}
    fields: dict[str, dict[str, MergedField]] = {}
    enums: list[tuple[str, Sources]] = []
    for name in merge.type_names:
        sources = merge.sources(name)
        kind = _merge_kind(merge, name, sources)
        if kind is None:
            continue
        # Of several kinds, the first is merged, to tell what else is wrong with it.
        sources = [(s, declared) for s, declared in sources if _kind_of(declared) is kind]
        _check_bases(merge, name, sources)
        if kind in {Kind.OBJECT, Kind.INTERFACE}:
            fields[name] = _merge_fields(merge, name, kind, sources, overrides)
        elif kind is Kind.ENUM:
            enums.append((name, sources))
        merged[name] = _write_type(merge, name, kind, sources)
        hint_inconsistencies(merge, name, kind, sources)
    _add_interface_object_fields(merge, fields)
    for name, own in fields.items():
        elements = tuple(write_merged_field(merge, item) for item in own.values())
        if elements:
            merged[name] = _with_elements(merged[name], elements)
        else:
            del merged[name]
    for name, declarations in enums:
        merged[name] = _with_elements(merged[name], merge_enum(merge, name, declarations))
    if not fields.get("Query"):
        report_no_queries(merge.report)
    return list(merged.values())


def _merge_fields(
    merge: Merge, name: str, kind: Kind, sources: Sources, overrides: Overrides
) -> dict[str, MergedField]:
    fields = {}
    for field_name in dict.fromkeys(f for _, declared in sources for f in declared.fields):
        field = merge_field(merge, name, field_name, kind, sources, overrides)
        if field is not None:
            fields[field_name] = field
    return fields


def _merge_kind(merge: Merge, name: str, sources: Sources) -> Kind | None:
    kinds = [_kind_of(declared) for _, declared in sources]
    if len(set(kinds)) > 1:
        report_type_kind_mismatch(merge, name, sources)
    elif all(declared.is_interface_object for _, declared in sources):
        report_interface_object_without_interface(merge, name, sources)
        return None
    return kinds[0]


def _kind_of(declared: Type) -> Kind:
    return Kind.INTERFACE if declared.is_interface_object else declared.kind


def _check_bases(merge: Merge, name: str, sources: Sources) -> None:
    # A type with @extends on a definition counts as defined.
    if name not in ROOT_NAMES and not any(declared.has_definition for _, declared in sources):
        report_extension_with_no_base(merge.report, name, sources)


def _write_type(merge: Merge, name: str, kind: Kind, sources: Sources) -> WrittenType:
    interfaces = tuple(merge.interfaces.get(name, ()))
    members = tuple(merge.members.get(name, ()))
    joins = [
        f'@join__implements(graph: {merge.graphs[s.name]}, interface: "{interface}")'
        for s, t in sources
        for interface in t.interfaces
    ]
    joins += [join for s, t in sources for join in _join_types(merge.graphs[s.name], t)]
    first, rest = merge_directives(merge, name, ((s, without_access(t.directives)) for s, t in sources))
    unions = [
        f'@join__unionMember(graph: {merge.graphs[s.name]}, member: "{member}")'
        for s, t in sources
        for member in t.members
    ]
    for member in members:
        merge.outputs_used.add(member)
    elements: tuple[WrittenElement, ...] = ()
    if kind is Kind.INPUT:
        elements = _merge_input_object(merge, name, sources)
    return WrittenType(
        keyword=kind.value,
        name=name,
        description=merge_descriptions(
            merge, f'Type "{name}"', ((s, t.description, t.node) for s, t in sources)
        ),
        interfaces=interfaces,
        directives=(*joins, *first, *unions, *merge_type_access(merge, name, kind), *rest),
        elements=elements,
        members=members,
    )


def _join_types(graph: str, declared: Type) -> list[str]:
    common = ", isInterfaceObject: true" if declared.is_interface_object else ""
    if not declared.keys:
        return [f"@join__type(graph: {graph}{common})"]
    has_extends = declared.find("extends") is not None
    joins = []
    for key in declared.keys:
        text = write_string(strip_braces(argument_text(key, "fields") or ""))
        extension = ", extension: true" if has_extends or key.on_extension else ""
        resolvable = ""
        if "resolvable" in key.arguments:
            resolvable = f", resolvable: {'true' if key.is_resolvable else 'false'}"
        joins.append(f"@join__type(graph: {graph}, key: {text}{extension}{resolvable}{common})")
    return joins


def _merge_input_object(merge: Merge, name: str, sources: Sources) -> tuple[WrittenElement, ...]:
    elements = []
    for item in merge_inputs(merge, name, [(s, t.inputs) for s, t in sources], INPUT_FIELDS):
        joins: tuple[str, ...] = ()
        are_equal = len({str(a.type) for _, a in item.sources}) == 1
        if not are_equal or len(item.sources) < len(sources):
            joins = tuple(
                f"@join__field(graph: {merge.graphs[s.name]}"
                + ("" if are_equal else f', type: "{a.type}"')
                + ")"
                for s, a in item.sources
            )
        elements.append(write_input(merge, item, joins))
    if not elements:
        report_empty_merged_input_type(merge, name, sources)
    return tuple(elements)


def _add_interface_object_fields(merge: Merge, fields: dict[str, dict[str, MergedField]]) -> None:
    """Fields that an `@interfaceObject` gives an interface are fields of every implementation."""
    for name, own in fields.items():
        for interface in merge.interfaces.get(name, ()):
            sources = [t for _, t in merge.sources(interface) if t.is_interface_object]
            for field_name in dict.fromkeys(
                f.name for t in sources for f in t.fields.values() if not f.is_external
            ):
                given = fields.get(interface, {}).get(field_name)
                if field_name not in own and given is not None:
                    own[field_name] = MergedField(
                        given.name,
                        given.type,
                        given.arguments,
                        given.description,
                        given.inaccessible,
                        ("@join__field",),
                        given.directives,
                        merge_field_access(merge, name, Kind.OBJECT, field_name),
                    )
                    resolvers = list(find_interface_object_fields(merge, name, field_name))
                    check_invalid_field_sharing(merge, name, field_name, resolvers)
                    merge.outputs_used.add(named_type(given.type))


def _with_elements(item: WrittenType, elements: tuple[WrittenElement, ...]) -> WrittenType:
    return WrittenType(
        keyword=item.keyword,
        name=item.name,
        description=item.description,
        interfaces=item.interfaces,
        directives=item.directives,
        elements=elements,
        members=item.members,
    )
