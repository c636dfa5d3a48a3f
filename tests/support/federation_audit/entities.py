"""Suites about keys: which of them lead where, and what they are made of."""

from tests.support.federation_audit.suite import Asked, Suite, fed2

_COMPLEX = {
    "link": fed2('type Item @key(fields: "id") @key(fields: "id tag") { id: ID! tag: String! }'),
    "list": fed2(
        'type ItemList @key(fields: "items { id tag }") { items: [Item!]! first: Item @shareable chosen: Item @shareable } '
        'type Item @key(fields: "id tag") { id: ID! tag: String }'
    ),
    "price": fed2(
        'type ItemList @key(fields: "items { id tag kind { id label } } chosen { id }") { items: [Item!]! @external first: Item @shareable chosen: Item @shareable } '
        'type Item @key(fields: "id tag kind { id label }") { id: ID! tag: String price: Cost kind: Kind @shareable } '
        "type Kind @shareable { id: ID! label: String } type Cost { amount: Float! }"
    ),
    "goods": fed2(
        'type Query { top: ItemList! } type ItemList @key(fields: "items { id }") { items: [Item!]! } '
        'extend type Item @key(fields: "id") { id: ID! kind: Kind @shareable } type Kind @key(fields: "id") { id: ID! label: String @shareable }'
    ),
}

_MASHUP = {
    "a": fed2(
        'type Query { a: A! } type A @key(fields: "id") @key(fields: "pid", resolvable: false) @key(fields: "comp { one two }", resolvable: false) '
        '@key(fields: "id comp { two three }", resolvable: false) { id: ID! pid: ID! @shareable comp: Comp! @shareable name: String! } '
        "type Comp @shareable { one: ID! two: ID! three: ID! }"
    ),
    "b": fed2(
        'type Query { b: B! } type B @key(fields: "id") { id: ID! a: [A!]! } '
        'type A @key(fields: "id", resolvable: false) @key(fields: "pid", resolvable: false) @key(fields: "comp { one two }", resolvable: false) '
        '@key(fields: "id comp { two three }") { id: ID! pid: ID! @shareable comp: Comp! @shareable name: String! @external told: String! @requires(fields: "name") } '
        "type Comp @shareable { one: ID! two: ID! three: ID! }"
    ),
}

_PARENT = {
    "a": fed2(
        'type Query { wares: [Ware!]! @shareable } type Ware @key(fields: "id pid") { id: ID! pid: ID! }'
    ),
    "b": fed2(
        'type Query { wares: [Ware!]! @shareable } type Ware @key(fields: "id pid") @key(fields: "id") { id: ID! pid: ID! group: Group @shareable } '
        'type Group @key(fields: "id") { id: ID! info: Info } type Info { a: String }'
    ),
    "c": fed2(
        'type Ware @key(fields: "id pid") { id: ID! pid: ID! group: Group @shareable } type Group { stats: Stats } type Stats { b: String }'
    ),
}

ENTITIES = (
    Suite("complex-entity-call", _COMPLEX, ("{ top { items { id price { amount } } } }",)),
    Suite(
        "simple-entity-call",
        {
            "mail": fed2('type Query { who: P } type P @key(fields: "id") { id: ID! email: String! }'),
            "nick": fed2('type P @key(fields: "email") { email: String! @external nick: String }'),
        },
        (Asked("{ who { nick } }", 2), "{ who { id nick } }"),
    ),
    Suite(
        "parent-entity-call",
        _PARENT,
        (
            "{ wares { group { stats { b } } } }",
            "{ wares { id group { info { a } } } }",
            "{ wares { id group { id info { a } stats { b } } } }",
        ),
    ),
    Suite(
        "parent-entity-call-complex",
        {
            "a": fed2(
                'type Ware @key(fields: "id") { id: ID! @external group: Group @shareable } type Group { info: String }'
            ),
            "b": fed2(
                'type Ware @key(fields: "id") { id: ID! @external group: Group @shareable } '
                'type Group @key(fields: "id", resolvable: false) { id: ID! }'
            ),
            "c": fed2('type Group @key(fields: "id") { id: ID! name: String }'),
            "d": fed2(
                'type Query { byId(id: ID!): Ware } type Ware @key(fields: "id") { id: ID! name: String! }'
            ),
        },
        (
            Asked('{ byId(id: "a") { id name group { id name info } } }', 4),
            '{ byId(id: "a") { group { info name } } }',
        ),
    ),
    Suite(
        "keys-mashup",
        _MASHUP,
        (
            "{ b { id a { id name told } } }",
            "{ b { a { told } } }",
            "{ a { id pid comp { one three } name } }",
        ),
    ),
    Suite(
        "fed1-external-extends-resolvable",
        {
            "a": 'type Query { goods: [Good] } type Good @key(fields: "id") { id: ID name: String pid: ID }',
            "b": 'type Query { dear: [Good] } extend type Good @key(fields: "id name") @key(fields: "upc") { id: ID @external name: String @external upc: String @external price: Int }',
        },
        ("{ goods { id name upc price pid } }", "{ dear { id name upc price } }", "{ dear { pid } }"),
    ),
    Suite(
        "mysterious-external",
        {
            "cost": fed2(
                'extend type Ware @key(fields: "id") { id: ID! @external cost: Float! } extend type Query { ware: Ware! }'
            ),
            "name": fed2(
                'type Query { named: Ware! } type Ware @key(fields: "id") { id: ID! name: String! }'
            ),
        },
        ("{ ware { id } }", "{ ware { id cost name } }", "{ named { id name cost } }"),
    ),
    Suite(
        "node",
        {
            "node": fed2(
                'type Query { goodsNode: Node @shareable typeNode: Node @shareable } interface Node { id: ID! } type Good implements Node @key(fields: "id") { id: ID! } type Sort implements Node @key(fields: "id") { id: ID! }'
            ),
            "node2": fed2(
                'type Query { goodsNode: Node @shareable typeNode: Node @shareable } interface Node { id: ID! } type Good implements Node @key(fields: "id") { id: ID! } type Sort implements Node @key(fields: "id") { id: ID! }'
            ),
            "types": fed2(
                'interface Node { id: ID! } type Good implements Node @key(fields: "id") { id: ID! name: String! price: Float! } type Sort implements Node @key(fields: "id") { id: ID! name: String! }'
            ),
        },
        (
            Asked("{ goodsNode { ... on Good { name __typename price } } }", 2),
            "{ goodsNode { ...G } typeNode { ...S id } } fragment G on Good { name price } fragment S on Sort { name }",
        ),
    ),
)
