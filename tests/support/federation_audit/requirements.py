"""Suites about `@requires`: chains, circles, arguments, fragments, conditions."""

from tests.support.federation_audit.suite import Asked, Suite, fed2

_CHAIN = {
    "a": fed2('type Query { ware: Ware } type Ware @key(fields: "id") { id: ID! price: Float! }'),
    "b": fed2(
        'type Ware @key(fields: "id") { id: ID! price: Float! @external costly: Boolean! @requires(fields: "price") }'
    ),
    "c": fed2(
        'type Ware @key(fields: "id") { id: ID! costly: Boolean! @external flag: Boolean! @requires(fields: "costly") also: Boolean! @requires(fields: "costly") }'
    ),
}

_SHOP = {
    "accounts": 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String username: String }',
    "stock": 'extend type Good @key(fields: "upc") { upc: String! @external weight: Int @external price: Int @external inStock: Boolean '
    'shipping: Int @requires(fields: "price weight") tag: String @requires(fields: "price weight") }',
    "goods": 'type Query { goods: [Good] } type Good @key(fields: "upc") { upc: String! name: String price: Int weight: Int }',
    "reviews": 'type Review @key(fields: "id") { id: ID! body: String author: User @provides(fields: "username") good: Good } '
    'extend type User @key(fields: "id") { id: ID! @external username: String @external reviews: [Review] } '
    'extend type Good @key(fields: "upc") { upc: String! @external reviews: [Review] }',
}

_ARGUMENT = {
    "a": fed2(
        'type Query { goods: [Good] } type Good @key(fields: "upc") { upc: String! name: String mass: Int cost(cur: String!): Int }'
    ),
    "b": fed2(
        'type Good @key(fields: "upc") { upc: String! mass: Int @external cost(cur: String!): Int @external inStock: Boolean '
        'eta: Int @requires(fields: "cost(cur: \\"USD\\") mass") }'
    ),
}

_POSTS = {
    "users": fed2(
        'type Query { feed: User } type User @key(fields: "id") { id: ID! posts(max: Int = 2): [Post!]! } type Post @key(fields: "id") { id: ID! }'
    ),
    "by": fed2(
        'type User @key(fields: "id") { id: ID! posts(max: Int = 2): [Post!]! @external by: String @requires(fields: "posts(max: 3) { authorId }") } '
        'type Post @key(fields: "id") @external { id: ID! authorId: ID }'
    ),
    "authors": fed2('type Post @key(fields: "id") { id: ID! authorId: ID }'),
}

_PETS = {
    "a": fed2(
        'type Query { a: Holder b: Holder } type Holder @key(fields: "id") { id: ID! data: A } '
        "interface A { x: String! } interface B implements A { x: String! } "
        "type One implements A & B { x: String! y: String! } type Two implements A & B { x: String! z: String! w: String } "
        "type Hidden implements A @inaccessible { x: String! }"
    ),
    "b": fed2(
        'type Holder @key(fields: "id") { id: ID! data: A @external told: String! '
        '@requires(fields: "data { x ... on A { ... on B { ... on One { y } ... on Two { z } } } }") '
        'deep: String! @requires(fields: """ data { ... on B {\n x ... on Two { w } } } """) } '
        "interface A { x: String! } interface B implements A { x: String! } "
        "type One implements A & B { x: String! @external y: String! @external } type Two implements A & B { x: String! @external z: String! @external w: String @external } "
        "type Hidden implements A @inaccessible { x: String! @external }"
    ),
}

REQUIREMENTS = (
    Suite(
        "simple-requires-provides",
        _SHOP,
        (
            Asked("{ goods { name price weight } }", 1),
            "{ goods { name inStock shipping } }",
            Asked("{ goods { shipping tag } }", 2),
            "{ goods { name price weight inStock shipping } }",
            "{ me { reviews { id body good { upc inStock shipping } } } }",
            Asked("{ me { reviews { id author { id username } } } }", 2),
            "{ goods { reviews { author { username name reviews { good { name reviews { id } } } } } } }",
            "{ me { name reviews { good { name price inStock tag } } } }",
            "{ goods { upc reviews { body } } me { username } }",
        ),
    ),
    Suite(
        "include-skip",
        _CHAIN,
        (
            Asked("query ($on: Boolean = false) { ware { price flag @include(if: $on) } }", None, {}),
            Asked("query ($on: Boolean = true) { ware { price flag @skip(if: $on) } }", None, {}),
            Asked("query ($on: Boolean = false) { ware { flag @include(if: $on) } }", None, {"on": True}),
            Asked("query ($on: Boolean = true) { ware { id flag @skip(if: $on) } }", None, {"on": False}),
            Asked("query ($on: Boolean!) { ware { flag @include(if: $on) also } }", 3, {"on": True}),
        ),
    ),
    Suite(
        "requires-requires",
        {
            "a": fed2(
                'type Query { ware: Ware } type Ware @key(fields: "id") { id: ID! price: Float! @inaccessible }'
            ),
            "b": fed2(
                'type Ware @key(fields: "id") { id: ID! price: Float! @external hasDiscount: Boolean! @requires(fields: "price") }'
            ),
            "c": fed2(
                'type Ware @key(fields: "id") { id: ID! price: Float! @external costly: Boolean! @requires(fields: "price") hasDiscount: Boolean! @external costlyWith: Boolean! @requires(fields: "hasDiscount") }'
            ),
            "d": fed2(
                'type Ware @key(fields: "id") { id: ID! costly: Boolean! @external canAfford: Boolean! @requires(fields: "costly") costlyWith: Boolean! @external canAffordWith: Boolean! @requires(fields: "costlyWith") }'
            ),
        },
        (
            "{ ware { canAfford } }",
            "{ ware { costly } }",
            "{ ware { canAffordWith } }",
            "{ ware { hasDiscount costly } }",
            "{ ware { canAfford canAffordWith } }",
            "{ ware { canAffordWith canAfford costly costlyWith hasDiscount } }",
        ),
    ),
    Suite(
        "requires-circular",
        {
            "a": fed2(
                'type Query { feed: [Post] } type Post @key(fields: "id") { id: ID! a: Boolean! @external b: Boolean! @requires(fields: "a") } '
                'type W @key(fields: "id") { id: ID! years: Int! }'
            ),
            "b": fed2(
                'type Post @key(fields: "id") { id: ID! writer: W! a: Boolean! @requires(fields: "writer { years }") } type W @key(fields: "id") { id: ID! years: Int! @external }'
            ),
        },
        ("{ feed { a } }", "{ feed { b } }", "{ feed { a b writer { years id } } }"),
    ),
    Suite(
        "requires-interface",
        {
            "a": fed2(
                'type Query { inA: User } type User @key(fields: "id") { id: ID! name: String! place: Place @external town: String @requires(fields: "place { id }") land: String @requires(fields: "place { ... on Office { id } }") } '
                'interface Place { id: ID! } type Home implements Place @key(fields: "id") { id: ID! @external town: String } type Office implements Place { id: ID! @external }'
            ),
            "b": fed2(
                'type Query { inB: User } type User @key(fields: "id") { id: ID! place: Place } interface Place { id: ID! } '
                'type Home implements Place @key(fields: "id") { id: ID! } type Office implements Place { id: ID! land: String } type Other implements Place { id: ID! land: String }'
            ),
        },
        (
            "{ inA { town } }",
            "{ inA { land } }",
            "{ inB { town } }",
            "{ inB { land } }",
            "{ inB { name town land } }",
            "{ inA { place { __typename id } } }",
            "{ inB { place { __typename id } } }",
            "{ inA { town place { ... on Home { town } } } }",
        ),
    ),
    Suite(
        "requires-with-argument",
        {**_ARGUMENT, **_POSTS},
        (
            "{ goods { upc name eta } }",
            "{ feed { by } }",
            "{ feed { posts(max: 1) { id } by } }",
            Asked("query ($n: Int = 1) { feed { by posts(max: $n) { id } } }", None, {}),
            "{ feed { ...A ...B } } fragment A on User { by } fragment B on User { posts(max: 1) { id authorId } }",
            '{ goods { eta cost(cur: "EUR") usd: cost(cur: "USD") } }',
        ),
    ),
    Suite(
        "requires-with-argument-conflict",
        {
            "a": fed2(
                'type Query { goods: [Good] } type Good @key(fields: "upc") { upc: String! name: String mass: Int cost(cur: String!): Int }'
            ),
            "b": fed2(
                'type Good @key(fields: "upc") { upc: String! mass: Int @external cost(cur: String!): Int @external '
                'us: Int @requires(fields: "cost(cur: \\"USD\\") mass") eu: Int @requires(fields: "cost(cur: \\"EUR\\") mass") weighs: Int @requires(fields: "mass") }'
            ),
        },
        ("{ goods { upc us eu } }", '{ goods { us eu weighs cost(cur: "GBP") } }', "{ goods { eu weighs } }"),
    ),
    Suite(
        "requires-with-fragments",
        _PETS,
        ("{ a { told } }", "{ b { told deep } }", "{ b { deep } }", "{ a { id told data { __typename } } }"),
    ),
)
