"""Situations of operations: mutations, conditions, root types returned by fields."""

from tests.support.federation_situations import Situation

_ITEM_A = 'type Query { i: Item tops: [Item!]! } type Item @key(fields: "id") { id: ID! name: String }'
_ITEM_B = 'type Item @key(fields: "id") { id: ID! p: Int q: Int }'
_WRITES_A = 'type Query { x: Int } type Mutation { a1: Int a2: Int mk: Item } type Item @key(fields: "id") { id: ID! }'
_WRITES_B = 'type Mutation { b1: Int } type Item @key(fields: "id") { id: ID! p: Int }'

MUTATIONS = [
    Situation(
        "S31 adjacent fields of one subgraph", {"a": _WRITES_A, "b": _WRITES_B}, "mutation { a1 a2 }", 1, 1
    ),
    Situation("S32 the order is kept", {"a": _WRITES_A, "b": _WRITES_B}, "mutation { a1 b1 a2 }", 3, 3),
    Situation(
        "S33 what is read follows the fields of one subgraph",
        {"a": _WRITES_A, "b": _WRITES_B},
        "mutation { mk { p } a1 }",
        2,
        2,
    ),
    Situation(
        "entities come before the next subgraph's field",
        {"a": _WRITES_A, "b": _WRITES_B},
        "mutation { mk { p } b1 a1 }",
        4,
        4,
    ),
    Situation(
        "S65 a field of two subgraphs runs once",
        {
            "a": 'type Query { x: Int } type Mutation { up: T @shareable } type T @key(fields: "id") { id: ID! x: Int }',
            "b": 'type Mutation { up: T @shareable } type T @key(fields: "id") { id: ID! y: Int }',
        },
        "mutation { up { x y } }",
        2,
        2,
    ),
    Situation(
        "S42 a payload that holds the query type",
        {
            "a": "type Query { qa: Int } type Mutation { do: Payload } type Payload { query: Query ok: Boolean }",
            "b": "type Query { qb: Int }",
        },
        "mutation { do { ok query { qa qb } } }",
        2,
        2,
    ),
    Situation(
        "a query type in which another subgraph has everything",
        {"a": "type Query { top: Query }", "b": "type Query { qb: Int }"},
        "{ top { qb top { qb } } qb }",
        4,
        2,
    ),
    Situation(
        "a query that comes by the mutation type",
        {
            "a": "type Query { top: Top } type Top { writes: Mutation } type Mutation { a1: Int }",
            "b": "type Query { y: Int } type Mutation { b1: Int }",
        },
        "{ top { writes { a1 b1 } } }",
        2,
        2,
    ),
    Situation(
        "a mutation that gives back the mutation type",
        {
            "a": "type Query { x: Int } type Mutation { a1: Mutation }",
            "b": "type Query { y: Int } type Mutation { b1: Int }",
        },
        "mutation { a1 { a1 { b1 } } }",
        2,
        2,
    ),
]

CONDITIONS = [
    Situation(
        "S34 a conditional fetch, on",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i { name p @include(if: $c) } }",
        2,
        2,
        {"c": True},
    ),
    Situation(
        "S34 a conditional fetch, off",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i { name p @include(if: $c) } }",
        2,
        2,
        {"c": False},
    ),
    Situation(
        "S35 a condition inside a fetch",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i { p @include(if: $c) q } }",
        2,
        2,
        {"c": False},
    ),
    Situation(
        "S62 a condition is inherited",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i @include(if: $c) { p q } tops { id } }",
        2,
        2,
        {"c": True},
    ),
    Situation(
        "S62 a condition is inherited, off",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i @include(if: $c) { p q } tops { id } }",
        2,
        2,
        {"c": False},
    ),
    Situation(
        "S63 conditions that exclude each other",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i { id p @include(if: $c) @skip(if: $c) } }",
        1,
        1,
        {"c": True},
    ),
    Situation(
        "a conditional fragment beside an unconditional one",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i { ... @include(if: $c) { name p } ... { q } ... on Item @skip(if: $c) { id } } }",
        2,
        2,
        {"c": False},
    ),
    Situation(
        "a conditional value without unconditional fields",
        {"a": "type Query { o: O } type O { x: Int y: Int }"},
        "query ($c: Boolean!) { o { x @include(if: $c) } }",
        1,
        1,
        {"c": False},
    ),
    Situation(
        "a conditional entity's empty value",
        {
            "a": _ITEM_A,
            "b": 'type Item @key(fields: "id") { id: ID! v: V } type V { x: Int }',
        },
        "query ($c: Boolean!) { i { v { x @include(if: $c) } } }",
        2,
        2,
        {"c": False},
    ),
    Situation(
        "one field under two conditions",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!, $d: Boolean!) { i { p @include(if: $c) p @skip(if: $d) } }",
        2,
        2,
        {"c": False, "d": False},
    ),
    Situation(
        "a conditional list rides with an unconditional one, on",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i { p } tops { q @include(if: $c) } }",
        2,
        2,
        {"c": True},
    ),
    Situation(
        "a conditional list rides with an unconditional one, off",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i { p } tops { p @include(if: $c) } }",
        2,
        2,
        {"c": False},
    ),
    Situation(
        "lists under conditions of which one is shared",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!, $d: Boolean!) { i @include(if: $c) { p } tops @include(if: $c) { q @skip(if: $d) } }",
        2,
        2,
        {"c": True, "d": True},
    ),
    Situation(
        "a condition below its contrary",
        {"a": _ITEM_A, "b": _ITEM_B},
        "query ($c: Boolean!) { i { name } tops @skip(if: $c) { id ... @include(if: $c) { p } q @skip(if: $c) } }",
        2,
        2,
        {"c": False},
    ),
]
