"""Entities with keys of all shapes, leaves, values without key, and fields that lead from one to the other."""

from copy import deepcopy

from tests.support.random_federation.draft import Draft, DraftField

_LEAVES = 4
_KEYS = ("id", "code", "id code", "ref { id }", "id ref { id }", "tags { id }", "code tags { id n }")
_LEAF_TYPES = ("Int", "Int", "Int", "Int!", "String", "ID", "[Int!]", "Float", "Boolean")
_ARGUMENTS = ("", "", "", "", "(n: Int)", '(cur: String = "EUR")', "(n: Int!)")
_KEY_FIELDS = {"id": "ID!", "code": "ID!", "ref": "Ref!", "tags": "[Ref!]!"}


def add_entities(draft: Draft, count: int) -> None:
    """Spread entities over subgraphs: each home knows one or two keys, and some leaves."""
    for number in range(count):
        name = f"E{number}"
        homes = draft.some(list(draft.graphs))
        draft.homes[name] = homes
        keys = ["id"] if draft.chance(0.5) else draft.random.sample(_KEYS, draft.random.randint(1, 3))
        for home in homes:
            _add_home(draft, name, home, keys)
        for leaf in range(_LEAVES):
            _add_leaf(draft, name, f"f{leaf}")


def _add_home(draft: Draft, name: str, home: str, keys: list[str]) -> None:
    graph = draft.graphs[home]
    entity = graph.type(name)
    for key in draft.random.sample(keys, draft.random.randint(1, min(2, len(keys)))):
        closed = ", resolvable: false" if draft.chance(0.07) else ""
        entity.keys.append(f'@key(fields: "{key}"{closed})')
        for part, type_ in _KEY_FIELDS.items():
            if part in key.split("{")[0].split() or f" {part} {{" in key:
                entity.fields.setdefault(part, DraftField(type_))
    for part, type_ in _KEY_FIELDS.items():
        if part not in entity.fields and any(part in key.split() for key in keys) and draft.chance(0.3):
            entity.fields[part] = DraftField(type_, "", ["@shareable"])
    if any(part in entity.fields for part in ("ref", "tags")):
        ref = graph.type("Ref")
        ref.fields = {"id": DraftField("ID!", "", ["@shareable"]), "n": DraftField("Int", "", ["@shareable"])}


def _add_leaf(draft: Draft, name: str, leaf: str) -> None:
    homes = draft.homes[name]
    field = DraftField(draft.random.choice(_LEAF_TYPES), draft.random.choice(_ARGUMENTS))
    draft.leaves.setdefault(name, {})[leaf] = field
    owners = draft.some(homes) if draft.chance(0.4) else [draft.random.choice(homes)]
    for owner in owners:
        here = deepcopy(field)
        if len(owners) > 1:
            here.directives.append("@shareable")
            if draft.chance(0.2) and not here.type.endswith("!"):
                here.type += "!"
        draft.entity(owner, name).fields[leaf] = here


def add_values(draft: Draft) -> None:
    """Values without key, of which each subgraph has a part."""
    for number in range(draft.random.randint(1, 2)):
        value = f"V{number}"
        entity = draft.random.choice(list(draft.homes))
        owners = draft.some(draft.homes[entity])
        type_ = draft.random.choice((value, value, f"{value}!", f"[{value}!]!"))
        for owner in owners:
            shared = ["@shareable"] if len(owners) > 1 else []
            draft.entity(owner, entity).fields[f"v{number}"] = DraftField(type_, "", shared)
            declared = draft.graphs[owner].type(value)
            for leaf in draft.some(["a", "b", "c"]):
                declared.fields[leaf] = DraftField("Int", "", ["@shareable"])
            if draft.chance(0.5):
                target = draft.random.choice(draft.entities_of(owner))
                declared.fields[f"of{target}"] = DraftField(target, "", ["@shareable"])
            if number and draft.chance(0.3) and "V0" in draft.graphs[owner].types:
                declared.fields["v0"] = DraftField("V0", "", ["@shareable"])


def add_links(draft: Draft) -> None:
    """Fields from entity to entity, some of which provide a field that the subgraph does not have otherwise."""
    for name, homes in draft.homes.items():
        for number in range(draft.random.randint(0, 2)):
            owner = draft.random.choice(homes)
            target = draft.random.choice(draft.entities_of(owner))
            field = DraftField(draft.wrap(target))
            if draft.chance(0.4):
                _provide(draft, owner, target, field)
            draft.entity(owner, name).fields[f"to{number}{owner}"] = field


def _provide(draft: Draft, owner: str, target: str, field: DraftField) -> None:
    leaf = external_leaf(draft, owner, target)
    if leaf is None or draft.leaves[target][leaf].arguments:
        return
    add_external(draft, owner, target, leaf)
    field.directives.append(f'@provides(fields: "{leaf}")')
    for home in draft.owners(target, leaf):
        share(draft.entity(home, target).fields[leaf])


def external_leaf(draft: Draft, graph: str, name: str) -> str | None:
    """A field of an entity that a subgraph does not have, and others do."""
    here = draft.entity(graph, name).fields
    names = [leaf for leaf in draft.leaves[name] if leaf not in here and draft.owners(name, leaf)]
    return draft.random.choice(names) if names else None


def add_external(draft: Draft, graph: str, name: str, leaf: str) -> None:
    """Make a field of an entity known to a subgraph that does not resolve it."""
    field = deepcopy(draft.leaves[name][leaf])
    field.directives = ["@external"]
    draft.entity(graph, name).fields[leaf] = field


def share(field: DraftField) -> None:
    """Let other subgraphs resolve a field too."""
    if "@shareable" not in field.directives:
        field.directives.append("@shareable")
