"""`@requires`, `@override`, `@inaccessible` and `@context` on what is drawn already."""

from tests.support.random_federation.draft import Draft, DraftField
from tests.support.random_federation.entities import add_external, external_leaf


def add_requirements(draft: Draft) -> None:
    """Fields that need others: leaves with and without arguments, of the object, of its values and of what it leads to."""
    for name, homes in draft.homes.items():
        for number in range(draft.random.randint(0, 2)):
            owner = draft.random.choice(homes)
            kinds = draft.random.choice(((_need_leaf,), (_need_below,), (_need_leaf, _need_below)))
            needed = [each for need in kinds if (each := need(draft, owner, name))]
            if needed:
                fields = " ".join(needed)
                directive = f"@requires(fields: {_quote(fields)})"
                draft.entity(owner, name).fields[f"r{number}{owner}"] = DraftField("Int", "", [directive])


def _quote(text: str) -> str:
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'


def _need_leaf(draft: Draft, graph: str, name: str) -> str | None:
    leaf = external_leaf(draft, graph, name)
    if leaf is None:
        return None
    add_external(draft, graph, name, leaf)
    arguments = draft.leaves[name][leaf].arguments
    if "n:" in arguments:
        return f"{leaf}(n: {draft.random.randint(1, 2)})"
    if "cur:" in arguments and draft.chance(0.7):
        return f'{leaf}(cur: "{draft.random.choice(("EUR", "USD"))}")'
    return leaf


def _need_below(draft: Draft, graph: str, name: str) -> str | None:
    """A field of an object or value that other subgraphs' field leads to."""
    here = draft.entity(graph, name).fields
    found = [
        (field, each)
        for home in draft.homes[name]
        for field, each in draft.entity(home, name).fields.items()
        if field not in here and each.is_own and field[0] in "vt" and not each.arguments
    ]
    if not found:
        return None
    field, given = draft.random.choice(found)
    target = given.type.strip("[]!")
    if target.startswith("V"):
        declared = draft.graphs[graph].type(target)
        declared.fields.setdefault("a", DraftField("Int", "", ["@shareable"]))
        leaf = "a"
        if all(
            "a" not in draft.graphs[home].types[target].fields
            for home in draft.homes[name]
            if target in draft.graphs[home].types and field in draft.entity(home, name).fields
        ):
            return None
    elif target in draft.homes and graph in draft.homes[target]:
        known = [key for key in ("id", "code") if key in draft.entity(graph, target).fields]
        leaf = external_leaf(draft, graph, target) or ""
        if leaf and not draft.leaves[target][leaf].arguments and draft.chance(0.5):
            add_external(draft, graph, target, leaf)
        elif known:
            leaf = known[0]
        else:
            return None
    else:
        return None
    here[field] = DraftField(given.type, "", ["@external"])
    return f"{field} {{ {leaf} }}"


def add_overrides(draft: Draft) -> None:
    """Fields that a subgraph takes over, some only while a label is on."""
    for name, homes in draft.homes.items():
        for leaf, field in draft.leaves[name].items():
            owners = [home for home in homes if leaf in draft.entity(home, name).fields]
            others = [home for home in homes if home not in owners]
            if len(owners) == 1 and others and draft.chance(0.2):
                label = draft.random.choice(("", ', label: "flag"', ', label: "percent(50)"'))
                directive = f'@override(from: "{owners[0]}"{label})'
                taker = draft.entity(draft.random.choice(others), name)
                taker.fields[leaf] = DraftField(field.type, field.arguments, [directive])


def add_inaccessible(draft: Draft) -> None:
    """Fields that clients do not see; keys and requirements still use them."""
    for name, homes in draft.homes.items():
        for leaf in ("code", "ref", *draft.leaves[name]):
            here = [
                draft.entity(home, name).fields[leaf]
                for home in homes
                if leaf in draft.entity(home, name).fields
            ]
            if here and draft.chance(0.1):
                draft.random.choice(here).directives.append("@inaccessible")


def add_context(draft: Draft) -> None:
    """A type below an entity, one of whose fields takes a value of the entity."""
    name = draft.random.choice(list(draft.homes))
    owner = draft.random.choice(draft.homes[name])
    setter = draft.entity(owner, name)
    usable = [
        leaf
        for leaf, each in setter.fields.items()
        if each.is_own and not each.arguments and each.type.rstrip("!") in {"Int", "ID", "String"}
    ]
    if not usable:
        return
    leaf = draft.random.choice(usable)
    type_ = setter.fields[leaf].type.rstrip("!")
    setter.directives.append('@context(name: "c")')
    setter.fields["below"] = DraftField(draft.random.choice(("C", "[C!]!")))
    below = draft.graphs[owner].type("C")
    below.keys.append('@key(fields: "id")')
    below.fields["id"] = DraftField("ID!")
    below.fields["taken"] = DraftField("Int", f'(p: {type_} @fromContext(field: "$c {{ {leaf} }}"))')
    below.fields["plain"] = DraftField("Int")
