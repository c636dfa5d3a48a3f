"""Suites about interfaces: who implements which where, and who resolves which field."""

from tests.support.federation_audit.suite import Asked, Refused, Suite, fed2

_ABSTRACT = {
    "items": fed2(
        "type Query { items: [Item] similar(id: ID!): Item } interface Item { id: ID! sku: String dims: Dims made: User hidden: Boolean @inaccessible } "
        'interface Alike { sku: String } type Novel implements Item & Alike @key(fields: "id") { id: ID! sku: String dims: Dims @shareable made: User hidden: Boolean vendorType: Vendor } '
        'type Journal implements Item & Alike @key(fields: "id") { id: ID! sku: String dims: Dims @shareable made: User hidden: Boolean vendorType: Vendor } '
        "type Dims @shareable { size: String weight: Float } union Vendor = Firm | Own type Firm { id: ID! @shareable } type Own { email: String } "
        'type User @key(fields: "email") { email: ID! }'
    ),
    "stock": fed2(
        "interface Item { id: ID! dims: Dims delivery(zip: String): Delivery } "
        'type Novel implements Item @key(fields: "id") { id: ID! dims: Dims @external delivery(zip: String): Delivery @requires(fields: "dims { size weight }") } '
        'type Journal implements Item @key(fields: "id") { id: ID! dims: Dims @external delivery(zip: String): Delivery @requires(fields: "dims { size weight }") } '
        "type Dims { size: String @external weight: Float @external } type Delivery { estimate: String fastest: String }"
    ),
    "reviews": fed2(
        "interface Item { id: ID! reviewsCount: Int! reviewsScore: Float! reviews: [Review!]! } "
        'type Novel implements Item @key(fields: "id") { id: ID! reviewsCount: Int! reviewsScore: Float! @shareable reviews: [Review!]! } '
        'type Journal implements Item @key(fields: "id") { id: ID! reviewsCount: Int! reviewsScore: Float! @shareable reviews: [Review!]! } '
        "type Review { id: Int! body: String! item: Item } type Query { review(id: Int!): Review }"
    ),
    "novels": fed2(
        'type Novel @key(fields: "id") { id: ID! title: String similar: [Novel] } type Query { novels: [Novel] }'
    ),
    "journals": fed2(
        'interface Item { id: ID! } type Journal implements Item @key(fields: "id") { id: ID! title: String }'
    ),
    "firms": 'type Firm @key(fields: "id") { id: ID! name: String email: Mail } type Mail { address: String } extend union Vendor = Firm | Band type Band @key(fields: "id") { id: ID! name: String email: String } '
    "extend type Query { firms: [Firm] bands: [Vendor] }",
    "users": fed2('type User @key(fields: "email") { email: ID! name: String total: Int }'),
}

_DISTRIBUTED = {
    "a": fed2(
        "type Query { things: [Thing] nodes: [Node] node(id: ID!): Node mixers: [Mixer] } union Thing = Heater | Mixer interface Node { id: ID! } "
        'interface Warranted { years: Int } type Heater @key(fields: "id") { id: ID! } type Mixer implements Node & Warranted @key(fields: "id") { id: ID! years: Int }'
    ),
    "b": fed2(
        'type Query { heaters: [Heater] } interface Node { id: ID! } interface Warranted { years: Int } type Heater implements Node & Warranted @key(fields: "id") { id: ID! years: Int }'
    ),
}

_CORRUPTED = {
    "a": fed2(
        "type Query { thing(id: ID!): Thing @shareable accts: [Acct!]! } interface Thing { id: ID! } "
        'type Acct implements Thing @key(fields: "id") { id: ID! name: String! } type Room implements Thing @key(fields: "id") { id: ID! @external }'
    ),
    "b": fed2(
        "type Query { thing(id: ID!): Thing @shareable rooms: [Room!]! } interface Thing { id: ID! } "
        'type Room implements Thing @key(fields: "id") { id: ID! text: String! } type Acct implements Thing @key(fields: "id") { id: ID! @external }'
    ),
}

INTERFACES = (
    Suite(
        "abstract-types",
        _ABSTRACT,
        (
            "{ items { id reviews { id } } }",
            '{ items { id delivery(zip: "1234") { estimate fastest } } }',
            'query ($zip: String = "9") { a: items { delivery(zip: $zip) { fastest } } b: items { delivery(zip: "2") { estimate } } }',
            "{ items { ... on Novel { title } ... on Journal { title } } }",
            "{ items { id sku dims { size weight } made { email name } } }",
            "{ items { made { name total } ... on Novel { similar { id sku title } } } }",
            "{ items { reviews { item { sku ... on Journal { title } ... on Novel { reviewsCount } } } } }",
            "{ review(id: 1) { body item { id sku reviews { id item { sku } } } } }",
            "{ items { ... on Novel { vendorType { ... on Firm { id name email { address } } ... on Own { mail: email } } } } }",
            "{ items { ... on Journal { vendorType { ... on Firm { name } ... on Band { name } ... on Own { email } } } } }",
            "{ items { ... on Alike { __typename t: __typename sku } ... on Alike { sku } id id } }",
            Asked(
                "query ($title: Boolean = true) { items { id ... on Novel @include(if: $title) { title } ... on Journal { sku } } }"
            ),
            Asked(
                "query ($title: Boolean = false) { items { id ... on Novel @include(if: $title) { title ... on Novel @skip(if: $title) { sku } } ... on Novel { sku } } }"
            ),
            Asked(
                "query ($title: Boolean = true) { items { ... on Novel @skip(if: $title) { title } ... on Journal { title sku } } }"
            ),
            Asked(
                "query ($title: Boolean = false) { items { reviewsCount @skip(if: $title) ...N } } fragment N on Novel { title @include(if: $title) similar { title @skip(if: $title) } }"
            ),
            "{ bands { ... on Firm { name } ... on Band { email name } } firms { name } novels { title sku reviewsScore } }",
            '{ similar(id: "1") { id ... on Novel { made { name } } } }',
        ),
    ),
    Suite(
        "circular-reference-interface",
        {
            "a": fed2(
                "type Query { ware: Ware } interface Ware { twin: Ware } "
                'type Tool implements Ware @key(fields: "id") { id: ID! twin: Tool @provides(fields: "cost") cost: Float @external }'
            ),
            "b": fed2('type Tool @key(fields: "id") { id: ID! cost: Float @shareable }'),
        },
        (
            Asked("{ ware { twin { ... on Tool { id cost } } } }", 1),
            Asked("{ ware { twin { ... on Tool { id cost twin { id cost } } } } }", 1),
            "{ ware { ... on Tool { id cost twin { id cost } } } }",
            "{ ware { twin { twin { __typename } } ... on Tool { cost twin { cost twin { cost } } } } }",
        ),
        frozenset({"a Tool"}),
    ),
    Suite(
        "corrupted-supergraph-node-id",
        _CORRUPTED,
        (
            Refused('{ thing(id: "1") { id } }'),
            Refused('{ accts { name } thing(id: "1") { id ... on Acct { name } } }'),
            Asked(
                '{ x: thing(id: "1") { ... on Acct { id name } } y: thing(id: "2") { ... on Room { id text } } }',
                2,
            ),
            '{ thing(id: "1") { ... on Acct { id name } ... on Room { id text } } }',
            '{ thing(id: "3") { __typename ... on Room { id text } } }',
            "{ accts { id name } rooms { id text } }",
        ),
    ),
    Suite(
        "union-interface-distributed",
        _DISTRIBUTED,
        (
            "{ things { ... on Node { id } } }",
            "{ nodes { ... on Heater { id } } }",
            "{ nodes { id ... on Node { ... on Warranted { years } } } }",
            "{ things { ... on Node { ... on Warranted { years } } } }",
            "{ mixers { ...NodeId ...W } } fragment NodeId on Node { id } fragment W on Warranted { years }",
            '{ node(id: "1") { __typename id } }',
            '{ node(id: "2") { ... on Heater { id } } }',
            "{ heaters { ... on Warranted { years } ... on Node { id } } things { ... on Heater { years } } }",
        ),
    ),
)
