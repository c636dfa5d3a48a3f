"""Field sets of `@key`, `@requires` and `@provides`: X_INVALID_FIELDS_TYPE, X_INVALID_FIELDS, X_DIRECTIVE_IN_FIELDS_ARG,
X_FIELDS_HAS_ARGS, KEY_FIELDS_SELECT_INVALID_TYPE, X_FIELDS_MISSING_EXTERNAL, X_UNSUPPORTED_ON_INTERFACE,
PROVIDES_ON_NON_OBJECT_FIELD, EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE.
"""  # noqa: D205 -- a list of codes

from dataclasses import dataclass

from graphql import (
    FieldNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_interface_type,
    is_object_type,
    is_union_type,
)

from router.composition.build import argument_text
from router.composition.field_sets import parse_field_set, validate_field_set, walk_field_set
from router.composition.report import Report
from router.composition.resolvability import global_name, local_name
from router.composition.subgraph import Applied, Field, Kind, Subgraph, Type
from router.composition.type_ref import named_type

_INTERFACE_KEYS_SINCE = (2, 3)


@dataclass(frozen=True, slots=True)
class _FieldSet:
    """One field set: the directive, the type it selects on, and where it stands, for messages."""

    applied: Applied
    owner: str
    coordinate: str

    @property
    def prefix(self) -> str:
        return self.applied.name.upper()


def check_field_sets(subgraph: Subgraph, report: Report) -> None:
    """Check every field set of a subgraph."""
    for declared in subgraph.types.values():
        for key in declared.keys:
            _check_key(subgraph, declared, key, report)
        for item in declared.fields.values():
            requires, provides = item.find("requires"), item.find("provides")
            if requires is not None:
                _check_requires(subgraph, declared, item, requires, report)
            if provides is not None:
                _check_provides(subgraph, declared, item, provides, report)


def _check_key(subgraph: Subgraph, declared: Type, key: Applied, report: Report) -> None:
    if declared.kind is Kind.INTERFACE and subgraph.linked.version < _INTERFACE_KEYS_SINCE:
        _error(
            subgraph,
            "KEY_UNSUPPORTED_ON_INTERFACE",
            key,
            report,
            f'Cannot use @key on interface "{declared.name}": it needs federation v2.3 or later',
        )
    found = _FieldSet(key, declared.name, declared.name)
    selections = _check_selections(subgraph, found, report)
    if selections is None:
        return
    for selected in walk_field_set(subgraph.schema, local_name(subgraph, declared.name), selections):
        parent = subgraph.schema.get_type(selected.parent)
        assert is_object_type(parent) or is_interface_type(parent)
        definition = parent.fields[selected.name]
        if definition.args:
            _error(
                subgraph,
                "KEY_FIELDS_HAS_ARGS",
                key,
                report,
                f'{_quote(found)}: field "{parent.name}.{selected.name}" cannot be included because it has arguments',
            )
        base = get_named_type(definition.type)
        if is_interface_type(base) or is_union_type(base):
            _error(
                subgraph,
                "KEY_FIELDS_SELECT_INVALID_TYPE",
                key,
                report,
                f'{_quote(found)}: field "{parent.name}.{selected.name}" is of an abstract type, which is not allowed',
            )


def _check_requires(
    subgraph: Subgraph, declared: Type, item: Field, applied: Applied, report: Report
) -> None:
    found = _FieldSet(applied, declared.name, f"{declared.name}.{item.name}")
    if declared.kind is Kind.INTERFACE:
        _error(
            subgraph,
            "REQUIRES_UNSUPPORTED_ON_INTERFACE",
            applied,
            report,
            f'Cannot use @requires on field "{found.coordinate}" of an interface',
        )
    selections = _check_selections(subgraph, found, report)
    if selections is not None and subgraph.linked.is_fed2:
        _check_external_leaves(subgraph, found, selections, report)


def _check_provides(
    subgraph: Subgraph, declared: Type, item: Field, applied: Applied, report: Report
) -> None:
    owner = named_type(item.type)
    found = _FieldSet(applied, owner, f"{declared.name}.{item.name}")
    if declared.kind is Kind.INTERFACE:
        _error(
            subgraph,
            "PROVIDES_UNSUPPORTED_ON_INTERFACE",
            applied,
            report,
            f'Cannot use @provides on field "{found.coordinate}" of an interface',
        )
    if item.is_external:
        _error(
            subgraph,
            "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
            applied,
            report,
            f'Cannot have both @provides and @external on field "{found.coordinate}"',
        )
    target = subgraph.types.get(owner)
    if target is None or target.kind not in {Kind.OBJECT, Kind.INTERFACE, Kind.UNION}:
        _error(
            subgraph,
            "PROVIDES_ON_NON_OBJECT_FIELD",
            applied,
            report,
            f'Invalid @provides directive on field "{found.coordinate}": field has type "{item.type}"',
        )
        return
    selections = _check_selections(subgraph, found, report)
    if selections is None:
        return
    for selected in walk_field_set(subgraph.schema, local_name(subgraph, owner), selections):
        field = subgraph.find_field(global_name(subgraph, selected.parent), selected.name)
        if field is not None and field.arguments:
            _error(
                subgraph,
                "PROVIDES_FIELDS_HAS_ARGS",
                applied,
                report,
                f'{_quote(found)}: field "{selected.parent}.{selected.name}" cannot be included because it has arguments',
            )
    if subgraph.linked.is_fed2:
        _check_external_leaves(subgraph, found, selections, report)


def _check_selections(subgraph: Subgraph, found: _FieldSet, report: Report) -> SelectionSetNode | None:
    text = argument_text(found.applied, "fields")
    if text is None:
        _error(
            subgraph,
            f"{found.prefix}_INVALID_FIELDS_TYPE",
            found.applied,
            report,
            f'On "{found.coordinate}", for @{found.applied.name}: the argument "fields" must be a string',
        )
        return None
    try:
        selections = parse_field_set(text)
    except GraphQLSyntaxError as error:
        _error(
            subgraph,
            f"{found.prefix}_INVALID_FIELDS",
            found.applied,
            report,
            f"{_quote(found)}: {error.message}",
        )
        return None
    if _has_directive(selections):
        _error(
            subgraph,
            f"{found.prefix}_DIRECTIVE_IN_FIELDS_ARG",
            found.applied,
            report,
            f"{_quote(found)}: cannot have directive applications in the fields argument",
        )
        return None
    if _has_alias(selections):
        _error(
            subgraph,
            f"{found.prefix}_INVALID_FIELDS",
            found.applied,
            report,
            f"{_quote(found)}: cannot use an alias in a field set",
        )
        return None
    faults = validate_field_set(subgraph.schema, local_name(subgraph, found.owner), selections)
    for fault in faults:
        advice = " (if the field is defined in another subgraph, add it to this one with @external)"
        message = fault.message + (advice if "Cannot query field" in fault.message else "")
        _error(
            subgraph, f"{found.prefix}_INVALID_FIELDS", found.applied, report, f"{_quote(found)}: {message}"
        )
    return None if faults else selections


def _check_external_leaves(
    subgraph: Subgraph, found: _FieldSet, selections: SelectionSetNode, report: Report
) -> None:
    for leaf, parent in _local_leaves(subgraph, local_name(subgraph, found.owner), selections):
        _error(
            subgraph,
            f"{found.prefix}_FIELDS_MISSING_EXTERNAL",
            found.applied,
            report,
            f'{_quote(found)}: field "{parent}.{leaf}" should not be part of a @{found.applied.name} since it is '
            "already provided by this subgraph (it is not marked @external)",
        )


def _local_leaves(subgraph: Subgraph, type_name: str, selections: SelectionSetNode) -> list[tuple[str, str]]:
    """Leaves that are not external and not below anything external."""
    leaves: list[tuple[str, str]] = []
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition.name.value if node.type_condition is not None else type_name
            leaves += _local_leaves(subgraph, condition, node.selection_set)
        elif isinstance(node, FieldNode) and node.name.value != "__typename":
            if _is_external(subgraph, type_name, node.name.value):
                continue
            parent = subgraph.schema.get_type(type_name)
            if node.selection_set is None or not (is_object_type(parent) or is_interface_type(parent)):
                leaves.append((node.name.value, type_name))
            else:
                child = get_named_type(parent.fields[node.name.value].type)
                leaves += _local_leaves(subgraph, child.name, node.selection_set)
    return leaves


def _is_external(subgraph: Subgraph, type_name: str, field_name: str) -> bool:
    """Whether a field, or that of any implementation of an interface, is external."""
    names = [global_name(subgraph, type_name)]
    parent = subgraph.schema.get_type(type_name)
    if is_interface_type(parent):
        names += [item.name for item in subgraph.schema.get_possible_types(parent)]
    fields = (subgraph.find_field(name, field_name) for name in names)
    return any(field is not None and field.is_external for field in fields)


def _has_directive(selections: SelectionSetNode) -> bool:
    return any(
        bool(node.directives) or (_inner(node) is not None and _has_directive(_inner(node)))  # type: ignore[arg-type]
        for node in selections.selections
    )


def _has_alias(selections: SelectionSetNode) -> bool:
    return any(
        (isinstance(node, FieldNode) and node.alias is not None)
        or (_inner(node) is not None and _has_alias(_inner(node)))  # type: ignore[arg-type]
        for node in selections.selections
    )


def _inner(node: object) -> SelectionSetNode | None:
    return getattr(node, "selection_set", None)


def _quote(found: _FieldSet) -> str:
    text = argument_text(found.applied, "fields")
    return f'On "{found.coordinate}", for @{found.applied.name}(fields: "{text}")'


def _error(subgraph: Subgraph, code: str, applied: Applied, report: Report, message: str) -> None:
    report.error(code, f"[{subgraph.name}] {message}", [(subgraph.name, applied.node)])
