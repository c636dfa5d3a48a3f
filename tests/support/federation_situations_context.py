"""Situations with arguments that come from objects further up (`@context`, `@fromContext`)."""

from tests.support.federation_situations import Situation

_ITEMS = """
    type Item @key(fields: "id") {
      id: ID! price(cur: String @fromContext(field: "$shop { cur }"), n: Int): Int name: String
    }
"""
_SHOP = {
    "a": f"""
        type Query {{ shop: Shop shops: [Shop!]! }}
        type Shop @key(fields: "id") @context(name: "shop") {{ id: ID! cur: String item: Item items: [[Item!]!]! next: Shop }}
        {_ITEMS}
    """,
    "b": """type Item @key(fields: "id") { id: ID! stock: Int }""",
}
_REMOTE = {
    "a": f"""
        type Query {{ shop: Shop shops: [Shop!]! }}
        type Shop @key(fields: "id") @context(name: "shop") {{ id: ID! cur: String @external items: [Item!]! }}
        {_ITEMS}
    """,
    "b": """type Shop @key(fields: "id") { id: ID! cur: String }""",
}
_TYPES = {
    "a": """
        type Query { place: Place places: [Place!]! box: Box }
        interface Place { items: [Item!]! }
        type Shop implements Place @key(fields: "id") @context(name: "at") { id: ID! cur: String items: [Item!]! }
        type Fair implements Place @context(name: "at") { money: Coin items: [Item!]! }
        type Coin { cur: String }
        type Box @context(name: "at") { cur: String shop: Shop }
        type Item @key(fields: "id") {
          id: ID!
          price(cur: String @fromContext(field: "$at ... on Shop { cur } ... on Fair { money { cur } } ... on Box { cur }")): Int
          more: More
        }
        type More @key(fields: "id") { id: ID! rebate(cur: String @fromContext(field: "$at ... on Shop { cur } ... on Fair { money { cur } } ... on Box { cur }")): Detail }
        type Detail { percent: Int }
    """,
    "b": """type Item @key(fields: "id") { id: ID! stock: Int } type More @key(fields: "id") { id: ID! text: String }""",
}

CONTEXTS = [
    Situation("S52: the value is in the same fetch", _SHOP, "{ shop { item { p: price name } } }", 2, 2),
    Situation(
        "S52: in lists of lists, each under its own value",
        _SHOP,
        "{ shops { items { price(n: 3) stock } } }",
        3,
        2,
    ),
    Situation(
        "S52: the nearest object that sets it",
        _SHOP,
        "{ shop { next { item { price } } item { price } } }",
        3,
        2,
    ),
    Situation("S53: the value is in another subgraph", _REMOTE, "{ shops { items { price name } } }", 3, 3),
    Situation("context: chosen by the type", _TYPES, "{ places { __typename items { price stock } } }", 4, 2),
    Situation("context: under an object of one type", _TYPES, "{ box { shop { items { price } } } }", 2, 2),
    Situation(
        "context: further down", _TYPES, "{ place { items { more { rebate { percent } text } } } }", 4, 2
    ),
    Situation(
        "context: the value came with the fetch before",
        {
            "a": 'type Query { e: E } type E @key(fields: "id") { id: ID! cur: String @override(from: "b") }',
            "b": 'type E @key(fields: "id") @context(name: "c") { id: ID! cur: String below: C } '
            'type C @key(fields: "id") { id: ID! taken(p: String @fromContext(field: "$c { cur }")): Int }',
        },
        "{ e { below { taken } } }",
        2,
        2,
    ),
]
