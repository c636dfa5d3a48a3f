"""Interfaces and unions that each subgraph knows its own part of, and interface objects."""

from tests.support.random_federation.draft import Draft, DraftField
from tests.support.random_federation.entities import add_external, external_leaf, share


def add_interface(draft: Draft) -> None:
    """An interface of some entities: each subgraph declares fields that all implementations there have."""
    members = draft.some(list(draft.homes))
    for graph in draft.graphs.values():
        here = [name for name in members if name in graph.types and draft.chance(0.8)]
        if not here:
            continue
        common = set.intersection(*(set(graph.types[name].fields) for name in here))
        names = [n for n in sorted(common) if len({_find_signature(draft, e, n) for e in members}) == 1]
        if not names:
            continue
        interface = graph.type("Node", "interface")
        for field in draft.some(names):
            model = graph.types[here[0]].fields[field]
            interface.fields[field] = DraftField(model.type, model.arguments)
        for name in here:
            graph.types[name].interfaces.append("Node")


def _find_signature(draft: Draft, name: str, field: str) -> str | None:
    """The type of an entity's field, wherever that is; None if it has none."""
    found = (draft.entity(home, name).fields.get(field) for home in draft.homes[name])
    return next((_signature(each).rstrip("!") for each in found if each is not None), None)


def _signature(field: DraftField) -> str:
    return field.arguments + field.type


def add_union(draft: Draft) -> None:
    """A union of which each subgraph knows some members."""
    for graph in draft.graphs.values():
        here = [name for name in draft.homes if name in graph.types]
        if here and draft.chance(0.7):
            graph.type("Any1", "union").members = draft.some(here)


def add_abstract_links(draft: Draft) -> None:
    """Fields that return the interface or the union, some in several subgraphs."""
    for name, homes in draft.homes.items():
        for abstract in ("Node", "Any1"):
            owners = [home for home in homes if abstract in draft.graphs[home].types]
            if not owners or not draft.chance(0.4):
                continue
            chosen = draft.some(owners) if draft.chance(0.3) else [draft.random.choice(owners)]
            type_ = draft.wrap(abstract)
            shared = ["@shareable"] if len(chosen) > 1 else []
            for home in chosen:
                draft.entity(home, name).fields[f"any{abstract}"] = DraftField(type_, "", shared)


def add_abstract_provisions(draft: Draft) -> None:
    """Fields of the interface or the union that provide a field of one of the types that they return."""
    for name, homes in draft.homes.items():
        for home in homes:
            for field_name, field in list(draft.entity(home, name).fields.items()):
                abstract = field_name.removeprefix("any")
                if abstract not in {"Node", "Any1"} or not draft.chance(0.5):
                    continue
                if any(each.startswith(("@external", "@provides")) for each in field.directives):
                    continue
                targets = [
                    each for each in draft.entities_of(home) if _is_member(draft, home, abstract, each)
                ]
                target = draft.random.choice(targets) if targets else None
                leaf = external_leaf(draft, home, target) if target is not None else None
                if target is None or leaf is None or draft.leaves[target][leaf].arguments:
                    continue
                add_external(draft, home, target, leaf)
                field.directives.append(f'@provides(fields: "... on {target} {{ {leaf} }}")')
                for owner in draft.owners(target, leaf):
                    share(draft.entity(owner, target).fields[leaf])


def _is_member(draft: Draft, graph: str, abstract: str, name: str) -> bool:
    if name not in draft.entities_of(graph):
        return False
    if abstract == "Node":
        return "Node" in draft.entity(graph, name).interfaces
    return name in draft.graphs[graph].types[abstract].members


def add_abstract_requirements(draft: Draft) -> None:
    """Fields that need to know what another subgraph's interface or union leads to, by its type."""
    for name, homes in draft.homes.items():
        for owner in homes:
            here = draft.entity(owner, name).fields
            for abstract in ("Node", "Any1"):
                field = f"any{abstract}"
                makers = [home for home in homes if field in draft.entity(home, name).fields]
                known = [each for each in draft.entities_of(owner) if abstract in draft.graphs[owner].types]
                known = [each for each in known if _is_member(draft, owner, abstract, each)]
                known = [each for each in known if "id" in draft.entity(owner, each).fields]
                # Apollo's composition asks for types too that a maker does not have.
                known = [
                    each for each in known if all(_is_member(draft, home, abstract, each) for home in makers)
                ]
                if field in here or not makers or not known or not draft.chance(0.5):
                    continue
                here[field] = DraftField(draft.entity(makers[0], name).fields[field].type, "", ["@external"])
                parts = " ".join(f"... on {each} {{ id }}" for each in draft.some(known))
                fields = draft.random.choice(("__typename ", "")) + parts
                here[f"ra{owner}"] = DraftField("Int", "", [f'@requires(fields: "{field} {{ {fields} }}")'])


def add_interface_object(draft: Draft) -> None:
    """An interface with a key in one subgraph, and in another as an object that brings fields of its own."""
    for home in draft.random.sample(list(draft.graphs), len(draft.graphs)):
        members = [
            name for name in draft.entities_of(home) if '@key(fields: "id")' in draft.entity(home, name).keys
        ]
        members = draft.some(members) if members else []
        others = [
            other
            for other in draft.graphs
            if other != home and not set(members) & set(draft.entities_of(other))
        ]
        if not members or not others:
            continue
        interface = draft.graphs[home].type("Media", "interface")
        interface.keys.append('@key(fields: "id")')
        interface.fields["id"] = DraftField("ID!")
        for name in members:
            draft.entity(home, name).interfaces.append("Media")
        _add_object(draft, draft.random.choice(others), home, members)
        draft.graphs[home].type("Query").fields["media"] = DraftField(draft.wrap("Media"))
        return


def _is_taken_at_times(draft: Draft, name: str, leaf: str) -> bool:
    """Whether a label decides who resolves a field; Apollo's composition forgets that for fields of interfaces."""
    fields = (draft.entity(home, name).fields.get(leaf) for home in draft.homes[name])
    return any("label:" in directive for field in fields if field for directive in field.directives)


def _add_object(draft: Draft, graph: str, home: str, members: list[str]) -> None:
    declared = draft.graphs[graph].type("Media")
    closed = ", resolvable: false" if draft.chance(0.05) else ""
    declared.keys.append(f'@key(fields: "id"{closed})')
    declared.directives.append("@interfaceObject")
    declared.fields["id"] = DraftField("ID!")
    declared.fields["io0"] = DraftField("Int")
    if draft.chance(0.4):
        declared.fields["io1"] = DraftField("String", "(n: Int)")
    common = [
        leaf
        for leaf in draft.leaves[members[0]]
        if all(home in draft.owners(name, leaf) for name in members)
        and len({_signature(draft.entity(home, name).fields[leaf]) for name in members}) == 1
        and not draft.leaves[members[0]][leaf].arguments
        and not any(_is_taken_at_times(draft, name, leaf) for name in members)
    ]
    if common and draft.chance(0.5):
        leaf = draft.random.choice(common)
        type_ = draft.entity(home, members[0]).fields[leaf].type
        draft.graphs[home].types["Media"].fields[leaf] = DraftField(type_)
        declared.fields[leaf] = DraftField(type_, "", ["@external"])
        declared.fields["io2"] = DraftField("Int", "", [f'@requires(fields: "{leaf}")'])
    if draft.chance(0.6):
        draft.graphs[graph].type("Query").fields[f"media{graph}"] = DraftField(draft.wrap("Media"))
    entities = draft.entities_of(graph)
    if entities and draft.chance(0.4):
        draft.entity(graph, draft.random.choice(entities)).fields["media"] = DraftField(draft.wrap("Media"))
