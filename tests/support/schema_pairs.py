"""Random pairs of schemas: a schema with every kind of element, and the same after a few edits of any kind.

A schema is plain dictionaries until it is written, so that an edit can be anything; what no schema can be built from is
drawn anew.
"""

import json
from copy import deepcopy
from random import Random
from typing import Any

from graphql import GraphQLError, build_schema

Model = dict[str, Any]

_OUTPUTS = ("Int", "String", "ID", "Date", "Colour", "Item", "Shape", "Node", "Box")
_INPUTS = ("Int", "String", "Boolean", "Date", "Colour", "Filter", "Sort")
_DEFAULTS = {
    "Int": ("1", "2", "null"),
    "String": ('"a"', '"b"'),
    "Boolean": ("true", "false"),
    "Colour": ("RED", "BLUE"),
    "Filter": ("null",),
}
_LOCATIONS = ("FIELD", "QUERY", "FRAGMENT_SPREAD", "FIELD_DEFINITION", "OBJECT", "VARIABLE_DEFINITION")
_KINDS = ("type", "interface", "union", "enum", "input", "scalar")


def _item(type_: str, **more: Any) -> Model:
    return {
        "type": type_,
        "default": None,
        "deprecated": None,
        "description": None,
        "usages": [],
        "args": {},
    } | more


def _type(kind: str, **more: Any) -> Model:
    empty: Model = {
        "kind": kind,
        "description": None,
        "usages": [],
        "fields": {},
        "values": {},
        "members": [],
        "interfaces": [],
        "url": None,
        "one_of": False,
    }
    return empty | more


def base() -> Model:
    """The schema that all pairs begin with."""
    node = {"id": _item("ID!")}
    return {
        "roots": {"query": "Query", "mutation": "Mutation"},
        "directives": {
            "trace": {
                "args": {"level": _item("Int"), "to": _item("String!", default='"a"')},
                "locations": ["FIELD", "QUERY"],
                "repeatable": True,
                "description": None,
            },
            "mark": {
                "args": {"of": _item("String")},
                "locations": ["FIELD_DEFINITION", "OBJECT", "ENUM", "ENUM_VALUE", "INPUT_OBJECT", "SCALAR"],
                "repeatable": False,
                "description": "Marks.",
            },
        },
        "types": {
            "Query": _type(
                "type",
                fields={
                    "items": _item(
                        "[Item!]!",
                        args={
                            "filter": _item("Filter"),
                            "first": _item("Int", default="1"),
                            "by": _item("Sort!"),
                        },
                    ),
                    "node": _item("Node", args={"id": _item("ID!")}),
                    "shapes": _item("[Shape]"),
                    "colour": _item("Colour", deprecated="old", args={"of": _item("[Colour!]")}),
                },
            ),
            "Mutation": _type("type", fields={"add": _item("Item", args={"item": _item("Filter!")})}),
            "Other": _type("type", fields={"items": _item("[Item]")}),
            "Node": _type("interface", fields=deepcopy(node)),
            "Named": _type("interface", fields={"name": _item("String")}),
            "Item": _type(
                "type",
                interfaces=["Node", "Named"],
                description="An item.",
                fields={
                    **deepcopy(node),
                    "name": _item("String!"),
                    "made": _item("Date", description="When."),
                },
            ),
            "Box": _type("type", interfaces=["Node"], fields={**deepcopy(node), "items": _item("[Item]")}),
            "Shape": _type("union", members=["Item", "Box"]),
            "Colour": _type(
                "enum", values={"RED": _item(""), "BLUE": _item(""), "GREEN": _item("", deprecated="x")}
            ),
            "Date": _type("scalar", url="https://example.org/date"),
            "Filter": _type(
                "input",
                fields={
                    "limit": _item("Int!", default="2"),
                    "colours": _item("[Colour!]"),
                    "sort": _item("Sort"),
                    "text": _item("String", deprecated="x"),
                },
            ),
            "Sort": _type("input", one_of=True, fields={"by": _item("String"), "colour": _item("Colour")}),
        },
    }


def draw_pair(random: Random) -> tuple[str, str]:
    """Two schemas as SDL, the second made by editing the first."""
    old = base()
    _edit_some(old, random, random.choice((0, 2, 5)))
    new = deepcopy(old)
    _edit_some(new, random, random.choice((1, 1, 2, 3, 6)))
    return write(old), write(new)


def _edit_some(model: Model, random: Random, count: int) -> None:
    for _ in range(count):
        while True:
            draft = deepcopy(model)
            random.choice(_EDITS)(draft, random)
            if _is_schema(draft):
                model.update(draft)
                break


def _is_schema(model: Model) -> bool:
    try:
        build_schema(write(model), assume_valid=True)
    except (GraphQLError, TypeError):
        return False
    return True


def write(model: Model) -> str:
    """The SDL of a schema."""
    roots = " ".join(f"{kind}: {name}" for kind, name in model["roots"].items())
    parts = [f"schema {{ {roots} }}"]
    for name, each in model["directives"].items():
        again = " repeatable" if each["repeatable"] else ""
        where = " | ".join(each["locations"])
        parts.append(f"{_describe(each)}directive @{name}{_write_arguments(each['args'])}{again} on {where}")
    parts += [_write_type(name, each) for name, each in model["types"].items()]
    return "\n".join(parts)


def _describe(element: Model) -> str:
    return f"{json.dumps(element['description'])} " if element["description"] else ""


def _write_item(name: str, item: Model) -> str:
    default = f" = {item['default']}" if item["default"] is not None else ""
    reason = (
        f" @deprecated(reason: {json.dumps(item['deprecated'])})" if item["deprecated"] is not None else ""
    )
    of = f": {item['type']}" if item["type"] else ""
    usages = "".join(f" {usage}" for usage in item["usages"])
    return f"{_describe(item)}{name}{_write_arguments(item['args'])}{of}{default}{reason}{usages}"


def _write_arguments(arguments: Model) -> str:
    listed = ", ".join(_write_item(name, item) for name, item in arguments.items())
    return f"({listed})" if listed else ""


def _write_type(name: str, declared: Model) -> str:
    kind = declared["kind"]
    usages = "".join(f" {usage}" for usage in declared["usages"])
    if kind == "input" and declared["one_of"]:
        usages += " @oneOf"
    if kind == "scalar" and declared["url"]:
        usages += f" @specifiedBy(url: {json.dumps(declared['url'])})"
    implemented = ""
    if kind in {"type", "interface"} and declared["interfaces"]:
        implemented = f" implements {' & '.join(declared['interfaces'])}"
    body = ""
    if kind == "union":
        body = f" = {' | '.join(declared['members'])}"
    elif kind != "scalar":
        items = declared["values"] if kind == "enum" else declared["fields"]
        body = f" {{ {' '.join(_write_item(key, item) for key, item in items.items())} }}"
    return f"{_describe(declared)}{kind} {name}{implemented}{usages}{body}"


def _pick_type(model: Model, random: Random, *kinds: str) -> Model:
    found = [each for each in model["types"].values() if each["kind"] in (kinds or _KINDS)]
    # Where there is none any more, something that belongs to no schema is edited.
    return random.choice(found or [_type("none", fields={"id": _item("ID")}, values={"A": _item("")})])


def _pick_inputs(model: Model, random: Random) -> Model:
    """The arguments of some field or directive, or the fields of some input."""
    choices = [each["args"] for each in model["directives"].values()]
    for declared in model["types"].values():
        if declared["kind"] == "input":
            choices += [declared["fields"]] * 4
        elif declared["kind"] in {"type", "interface"}:
            choices += [field["args"] for field in declared["fields"].values()]
    return random.choice(choices)


def _pick_outputs(model: Model, random: Random) -> Model:
    fields: Model = _pick_type(model, random, "type", "interface")["fields"]
    return fields


def _pick_element(model: Model, random: Random) -> Model:
    """Anything that can be described and deprecated."""
    choice = random.randrange(4)
    if choice == 0:
        return random.choice(list(_pick_outputs(model, random).values()))
    if choice == 1:
        return random.choice(list(_pick_inputs(model, random).values()) or [_item("Int")])
    if choice == 2:
        return random.choice(list(_pick_type(model, random, "enum")["values"].values()) or [_item("")])
    return _pick_type(model, random)


def _remove(items: Model, random: Random) -> None:
    if len(items) > 1:
        del items[random.choice(list(items))]


def _wrap(type_: str, random: Random) -> str:
    """Another type: one more or less `!` or list, somewhere."""
    choice = random.randrange(5)
    if choice == 0:
        return type_.removesuffix("!") if type_.endswith("!") else f"{type_}!"
    if choice == 1:
        return f"[{type_}]"
    if choice == 2 and type_.startswith("["):
        inner = type_.rstrip("!")[1:-1]
        changed = inner.removesuffix("!") if inner.endswith("!") else f"{inner}!"
        return f"[{changed}]{'!' * type_.endswith('!')}"
    if choice == 3 and type_.startswith("["):
        return type_.rstrip("!")[1:-1]
    return type_.removesuffix("!") if type_.endswith("!") else f"{type_}!"


def _draw_input(random: Random) -> Model:
    named = random.choice(_INPUTS)
    drawn = _item(random.choice((named, f"{named}!", f"[{named}]", f"[{named}!]!")))
    if random.random() < 0.4:
        drawn["default"] = random.choice(_DEFAULTS.get(named, ("null",)))
    return drawn


def _add_field(model: Model, random: Random) -> None:
    named = random.choice(_OUTPUTS)
    fields = _pick_outputs(model, random)
    fields[f"f{random.randrange(9)}"] = _item(random.choice((named, f"{named}!", f"[{named}]")))


def _change_output(model: Model, random: Random) -> None:
    item = random.choice(list(_pick_outputs(model, random).values()))
    item["type"] = _wrap(item["type"], random) if random.random() < 0.7 else random.choice(_OUTPUTS)


def _change_input(model: Model, random: Random) -> None:
    items = list(_pick_inputs(model, random).values())
    if items:
        item = random.choice(items)
        item["type"] = _wrap(item["type"], random) if random.random() < 0.7 else random.choice(_INPUTS)


def _change_default(model: Model, random: Random) -> None:
    items = list(_pick_inputs(model, random).values())
    if items:
        item = random.choice(items)
        named = item["type"].strip("[]!")
        item["default"] = random.choice((None, *_DEFAULTS.get(named, ("null",))))


def _change_members(model: Model, random: Random) -> None:
    members = _pick_type(model, random, "union")["members"]
    name = random.choice(("Item", "Box", "Other", "Query"))
    if name not in members:
        members.append(name)
    elif len(members) > 1:
        members.remove(name)


def _change_interfaces(model: Model, random: Random) -> None:
    interfaces = _pick_type(model, random, "type", "interface")["interfaces"]
    name = random.choice(("Node", "Named"))
    if name in interfaces:
        interfaces.remove(name)
    else:
        interfaces.append(name)


def _change_values(model: Model, random: Random) -> None:
    values = _pick_type(model, random, "enum")["values"]
    name = random.choice(("RED", "BLUE", "GREEN", "BLACK"))
    if name not in values:
        values[name] = _item("")
    elif len(values) > 1:
        del values[name]


def _change_kind(model: Model, random: Random) -> None:
    name = random.choice(list(model["types"]))
    kind = random.choice(_KINDS)
    model["types"][name] = _type(
        kind,
        fields={"id": _item("ID!")},
        values={"RED": _item("")},
        members=["Other"],
    )


def _change_types(model: Model, random: Random) -> None:
    if random.random() < 0.5:
        _remove(model["types"], random)
    else:
        added = _type(
            random.choice(_KINDS), fields={"id": _item("ID")}, values={"A": _item("")}, members=["Box"]
        )
        model["types"][f"New{random.randrange(3)}"] = added


def _change_directive(model: Model, random: Random) -> None:
    directives = model["directives"]
    choice = random.randrange(5)
    if choice == 0:
        directives[f"new{random.randrange(3)}"] = {
            "args": {"a": _draw_input(random)},
            "locations": random.sample(_LOCATIONS, 2),
            "repeatable": random.random() < 0.5,
            "description": None,
        }
    elif choice == 1:
        _remove(directives, random)
    else:
        each = random.choice(list(directives.values()))
        if choice == 2:
            each["repeatable"] = not each["repeatable"]
        elif choice == 3:
            each["description"] = random.choice((None, "a", "b"))
        else:
            each["locations"] = random.sample(_LOCATIONS, random.randrange(1, 4))


def _change_roots(model: Model, random: Random) -> None:
    kind = random.choice(("query", "mutation", "subscription"))
    name = random.choice(("Query", "Mutation", "Other", None))
    if name is not None:
        model["roots"][kind] = name
    elif kind != "query":
        model["roots"].pop(kind, None)


def _note(model: Model, random: Random) -> None:
    element = _pick_element(model, random)
    if random.random() < 0.5:
        element["description"] = random.choice((None, "a", "b"))
    elif "deprecated" in element:
        element["deprecated"] = random.choice((None, "a", "b", ""))
    else:
        element["url"] = random.choice((None, "https://example.org/a"))
        element["one_of"] = random.random() < 0.5


def _use_directive(model: Model, random: Random) -> None:
    usages = _pick_element(model, random)["usages"]
    if usages and random.random() < 0.5:
        usages.pop()
    else:
        usages.append(random.choice(("@mark", '@mark(of: "a")', '@mark(of: "b")')))


_EDITS = (
    lambda model, random: _remove(_pick_outputs(model, random), random),
    lambda model, random: _remove(_pick_inputs(model, random), random),
    lambda model, random: _pick_inputs(model, random).update(
        {f"i{random.randrange(9)}": _draw_input(random)}
    ),
    _add_field,
    _change_output,
    _change_output,
    _change_input,
    _change_input,
    _change_default,
    _change_members,
    _change_interfaces,
    _change_values,
    _change_kind,
    _change_types,
    _change_directive,
    _change_directive,
    _change_roots,
    _note,
    _note,
    _use_directive,
)
