"""Situations of `@provides`, `@override` and the client's aliases."""

from tests.support.federation_situations import Situation

_ITEM_A = 'type Query { i: Item items: [Item!]! tops: [Item!]! } type Item @key(fields: "id") { id: ID! name: String }'
_ITEM_B = 'type Item @key(fields: "id") { id: ID! p: Int q: Int }'

PROVIDES = [
    Situation(
        "S20 a provided field",
        {
            "a": 'type Query { top: T @provides(fields: "name") all: [T!]! } type T @key(fields: "id") { id: ID! name: String @external }',
            "b": 'type T @key(fields: "id") { id: ID! name: String @shareable }',
        },
        "{ top { name } }",
        1,
        1,
    ),
    Situation(
        "S21 provided on one path only",
        {
            "a": 'type Query { top: T @provides(fields: "name") all: [T!]! } type T @key(fields: "id") { id: ID! name: String @external }',
            "b": 'type T @key(fields: "id") { id: ID! name: String @shareable }',
        },
        "{ top { name } all { name } }",
        2,
        2,
    ),
    Situation(
        "S22 provided two levels deep",
        {
            "a": 'type Query { top: G @provides(fields: "subs { label }") } type G @key(fields: "id") { id: ID! subs: [S!]! @external } type S @key(fields: "id") { id: ID! label: String @external }',
            "b": 'type G @key(fields: "id") { id: ID! subs: [S!]! @shareable } type S @key(fields: "id") { id: ID! label: String @shareable }',
        },
        "{ top { subs { label } } }",
        1,
        1,
    ),
]

ALIASES = [
    Situation(
        "S37 aliases share a fetch",
        {
            "a": _ITEM_A,
            "b": 'type Item @key(fields: "id") { id: ID! cost(cur: String!): Int }',
        },
        '{ i { eu: cost(cur: "EUR") us: cost(cur: "USD") } }',
        2,
        2,
    ),
    Situation(
        "S54 a client's alias takes the key's name",
        {"a": _ITEM_A, "b": _ITEM_B},
        "{ i { id: name p } }",
        2,
        2,
    ),
    Situation(
        "S55 a client's alias takes a required field's name",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! w: Int z: Int }',
            "b": 'type T @key(fields: "id") { id: ID! w: Int @external r: Int @requires(fields: "w") }',
        },
        "{ i { w: z r } }",
        2,
        2,
    ),
    Situation(
        "S56 the client asks a required field with other arguments",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! cost(cur: String!): Int }',
            "b": 'type T @key(fields: "id") { id: ID! cost(cur: String!): Int @external r: Int @requires(fields: "cost(cur: \\"EUR\\")") }',
        },
        '{ i { cost(cur: "USD") r } }',
        2,
        2,
    ),
    Situation(
        "S68 a client's alias takes __typename",
        {"a": _ITEM_A, "b": _ITEM_B},
        "{ i { __typename: id p } }",
        2,
        2,
    ),
    Situation(
        "S69 a client's variable is called representations",
        {"a": _ITEM_A, "b": 'type Item @key(fields: "id") { id: ID! cost(cur: String!): Int }'},
        "query ($representations: String!) { i { cost(cur: $representations) } }",
        2,
        2,
        {"representations": "EUR"},
    ),
]

OVERRIDES = [
    Situation(
        "S39 an overridden field",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! v: Int }',
            "b": 'type T @key(fields: "id") { id: ID! v: Int @override(from: "a") }',
        },
        "{ i { v } }",
        2,
        2,
    ),
    Situation(
        "S72 a progressive override, off",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! v: Int }',
            "b": 'type T @key(fields: "id") { id: ID! v: Int @override(from: "a", label: "percent(5)") }',
        },
        "{ i { v } }",
        1,
        1,
    ),
    Situation(
        "S72 a progressive override, on",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! v: Int }',
            "b": 'type T @key(fields: "id") { id: ID! v: Int @override(from: "a", label: "percent(5)") }',
        },
        "{ i { v } }",
        2,
        2,
        labels=frozenset({"percent(5)"}),
    ),
]
