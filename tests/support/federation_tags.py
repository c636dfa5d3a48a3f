"""Random `@tag`s on federations, for contracts; and a federation in which every kind of element can have one."""

from collections.abc import Mapping
from random import Random
from typing import Any

from graphql import parse, print_ast
from graphql.language import ConstDirectiveNode, visit
from graphql.language.visitor import Visitor

TAGS = ("public", "partner", "internal")

SHOP = {
    "shop": """
        type Query { products(filter: Filter, first: Int = 10): [Product!]! pick(kind: Kind = BOOK): Item nodes: [Node] odd: Odd }
        type Mutation { rename(input: Rename!): Product note(text: String, kind: Kind): Boolean }
        interface Node { id: ID! label(long: Boolean): String }
        type Product implements Node @key(fields: "id") @key(fields: "sku") {
          id: ID! sku: String! label(long: Boolean): String kind: Kind price(currency: Currency, round: Boolean): Money made: Date
        }
        type Voucher implements Node @key(fields: "id") { id: ID! label(long: Boolean): String worth: Money @shareable }
        type Money @shareable { amount: Int currency: Currency }
        type Odd { only: Leaf }
        type Leaf { leaf: Int more: [Leaf] }
        union Item = Product | Voucher
        enum Kind { BOOK FILM GAME }
        enum Currency { EUR USD }
        scalar Date
        input Filter { kind: Kind = FILM range: Range text: String = "a" }
        input Range { from: Int to: Int = 5 }
        input Rename { id: ID! label: String }
    """,
    "stock": """
        type Query { warehouses(near: Range): [Warehouse!]! since(date: Date): [Item!] }
        type Warehouse @key(fields: "id") { id: ID! label: String holds: [Product!] }
        type Product @key(fields: "id") { id: ID! left(at: ID, kinds: [Kind!]): Int weight: Int value: Money @requires(fields: "weightUnit") weightUnit: String @external }
        type Voucher @key(fields: "id", resolvable: false) { id: ID! }
        type Money @shareable { amount: Int currency: Currency }
        union Item = Product | Warehouse
        enum Kind { BOOK FILM GAME }
        enum Currency { EUR USD }
        scalar Date
        input Range { from: Int to: Int = 5 }
    """,
    "units": """
        type Product @key(fields: "id") { id: ID! weightUnit: String box: Box }
        type Box { size: Money @external tags: [String] }
        type Money @shareable { amount: Int }
    """,
}


def tag(subgraphs: Mapping[str, str], random: Random) -> dict[str, str]:
    """The same subgraphs with tags on some of what they resolve themselves."""
    likelihood = random.choice((0.05, 0.2, 0.5))
    return {
        name: print_ast(visit(parse(sdl), _Tagger(random, likelihood))) for name, sdl in subgraphs.items()
    }


class _Tagger(Visitor):
    def __init__(self, random: Random, likelihood: float) -> None:
        super().__init__()
        self._random = random
        self._likelihood = likelihood
        self._marks: dict[str, ConstDirectiveNode] = {name: _read(name) for name in TAGS}
        self._is_external = False

    def enter(self, node: Any, *_: Any) -> Any:
        """Tag a definition, at times; below external fields nothing can be tagged."""
        if node.kind == "field_definition":
            self._is_external = any(each.name.value == "external" for each in node.directives or ())
        if not node.kind.endswith("_definition") or node.kind in {
            "schema_definition",
            "directive_definition",
        }:
            return None
        if self._is_external and node.kind in {"field_definition", "input_value_definition"}:
            return None
        if self._random.random() > self._likelihood:
            return None
        values = {key: getattr(node, key, None) for key in node.keys}
        values["directives"] = (*(node.directives or ()), self._marks[self._random.choice(TAGS)])
        return type(node)(**values)


def _read(tag_name: str) -> ConstDirectiveNode:
    definition: Any = parse(f'type A @tag(name: "{tag_name}") {{ a: Int }}', no_location=True).definitions[0]
    mark: ConstDirectiveNode = definition.directives[0]
    return mark
