"""Hints about types that differ between subgraphs in ways that compose, and that their authors may not have meant."""

from router.composition.context import Merge, Sources
from router.composition.report import list_subgraphs
from router.composition.subgraph import Kind

ROOT_NAMES = frozenset({"Query", "Mutation", "Subscription"})


def hint_inconsistencies(merge: Merge, name: str, kind: Kind, sources: Sources) -> None:
    """Tell what some subgraphs that define a type have and others lack."""
    if kind is Kind.UNION:
        _hint_members(merge, name, sources)
    elif kind in {Kind.OBJECT, Kind.INTERFACE} and name not in ROOT_NAMES:
        if not any(declared.keys for _, declared in sources):
            _hint_fields(merge, name, kind, sources)
        elif kind is Kind.OBJECT:
            _hint_entity(merge, name, sources)


def _hint_members(merge: Merge, name: str, sources: Sources) -> None:
    for member in merge.members.get(name, ()):
        missing = [s.name for s, declared in sources if member not in declared.members]
        if missing:
            defined = [s.name for s, declared in sources if member in declared.members]
            merge.report.hint(
                "INCONSISTENT_UNION_MEMBER",
                f'Union type "{name}" includes member type "{member}" in some but not all defining subgraphs: "{member}" is '
                f"defined in {list_subgraphs(defined)} but not in {list_subgraphs(missing)}.",
                [(s.name, declared.node) for s, declared in sources],
            )


def _hint_entity(merge: Merge, name: str, sources: Sources) -> None:
    without = [s.name for s, declared in sources if not declared.keys]
    if without:
        having = [s.name for s, declared in sources if declared.keys]
        merge.report.hint(
            "INCONSISTENT_ENTITY",
            f'Type "{name}" is declared as an entity (has a @key applied) in some but not all defining subgraphs: it has no '
            f"@key in {list_subgraphs(without)} but has some @key in {list_subgraphs(having)}.",
            [(s.name, declared.node) for s, declared in sources],
        )


def _hint_fields(merge: Merge, name: str, kind: Kind, sources: Sources) -> None:
    code, told = "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD", "non-entity object"
    if kind is Kind.INTERFACE:
        code, told = "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD", "interface"
    # Who declares only external fields, or stands for the interface, does not mean to define the type.
    defining = [
        (s, declared)
        for s, declared in sources
        if not declared.is_interface_object
        and not (declared.fields and all(item.is_external for item in declared.fields.values()))
    ]
    for field_name in dict.fromkeys(item for _, declared in defining for item in declared.fields):
        missing = [s.name for s, declared in defining if field_name not in declared.fields]
        if missing:
            having = [s.name for s, declared in sources if field_name in declared.fields]
            where = f"{name}.{field_name}"
            merge.report.hint(
                code,
                f'Field "{where}" of {told} type "{name}" is defined in some but not all subgraphs that define "{name}": '
                f'"{where}" is defined in {list_subgraphs(having)} but not in {list_subgraphs(missing)}.',
                [
                    (s.name, declared.fields[field_name].node)
                    for s, declared in sources
                    if field_name in declared.fields
                ],
            )
