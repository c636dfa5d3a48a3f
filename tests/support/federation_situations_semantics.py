"""Situations that gateways get wrong: one for each class of mistake."""

from tests.support.federation_situations import Situation

KEYS_AND_VALUES = [
    Situation(
        "a keyless value is had by its parent again, with a key that was not asked",
        {
            "a": 'type Query { ware: Ware } type Ware @key(fields: "id") { id: ID! }',
            "b": 'type Ware @key(fields: "id") { id: ID! pid: ID! }',
            "c": 'type Ware @key(fields: "id pid") { id: ID! pid: ID! @external group: Group @shareable } type Group { stats: Int }',
            "d": 'type Ware @key(fields: "id") { id: ID! group: Group @shareable } type Group { info: Int }',
        },
        "{ ware { group { stats info } } }",
        4,
        3,
    ),
    Situation(
        "the cheapest of several keys, with fields below the entity from elsewhere",
        {
            "a": 'type Query { top: List } type List @key(fields: "items { id }") { items: [P!]! } type P @key(fields: "id") { id: ID! tag: Tag } type Tag { id: ID! label: String }',
            "b": 'type List @key(fields: "items { id }") @key(fields: "items { id sku }") { items: [P!]! first: P @shareable } type P @key(fields: "id") { id: ID! sku: ID! }',
            "c": 'type List @key(fields: "items { id sku }") { items: [P!]! @external first: P @shareable total: Int } type P @key(fields: "id sku") { id: ID! sku: ID! price: Int }',
        },
        "{ top { items { id price } total } }",
        3,
        3,
    ),
    Situation(
        "a jump from a value type without a key",
        {
            "a": "type Query { firm: Firm } type Firm { id: ID! @shareable }",
            "b": 'type Firm @key(fields: "id") { id: ID! name: String }',
        },
        "{ firm { name } }",
        2,
        2,
    ),
    Situation(
        "only resolvable keys of the target count",
        {
            "a": 'type Query { b: B } type B @key(fields: "id", resolvable: false) @key(fields: "id comp { two three }") '
            '@key(fields: "id two", resolvable: false) { id: ID! two: ID! comp: Comp name: Int @external upper: Int @requires(fields: "name") } type Comp { two: ID! three: ID! }',
            "b": 'type B @key(fields: "id") @key(fields: "id comp { two three }", resolvable: false) { id: ID! comp: Comp @external name: Int } type Comp { two: ID! @external three: ID! @external }',
        },
        "{ b { upper } }",
        3,
        3,
    ),
    Situation(
        "a value of three shareable roots",
        {
            "a": "type Query { good: Good @shareable goods: [Good!]! @shareable } type Good { x: Int! }",
            "b": "type Query { good: Good @shareable goods: [Good!]! @shareable } type Good { y: Int! }",
            "c": "type Query { good: Good @shareable goods: [Good!]! @shareable } type Good { z: Int! }",
        },
        "{ good { x y z } goods { z y x } }",
        3,
        1,
    ),
    Situation(
        "the parts of a shared value come from two subgraphs, a third needs both",
        {
            "a": 'type Ware @key(fields: "id") { id: ID! group: Group @shareable } type Group { info: Int }',
            "b": 'type Ware @key(fields: "id") { id: ID! group: Group @shareable } type Group @key(fields: "id", resolvable: false) { id: ID! }',
            "c": 'type Group @key(fields: "id") { id: ID! name: String }',
            "d": 'type Query { wares: [Ware!]! } type Ware @key(fields: "id") { id: ID! }',
        },
        "{ wares { group { id name info } } }",
        4,
        3,
    ),
    Situation(
        "an external key opens the way in",
        {
            "a": 'type Query { who: P } type P @key(fields: "id") { id: ID! email: String! }',
            "b": 'type P @key(fields: "email") { email: String! @external nick: String }',
        },
        "{ who { nick } }",
        2,
        2,
    ),
]

REQUIREMENTS = [
    Situation(
        "a subgraph is entered again and again with more",
        {
            "a": 'type Query { feed: [Post!]! } type Post @key(fields: "id") { id: ID! a: Int @external b: Int @requires(fields: "a") } type W @key(fields: "id") { id: ID! years: Int }',
            "b": 'type Post @key(fields: "id") { id: ID! writer: W a: Int @requires(fields: "writer { years }") } type W @key(fields: "id") { id: ID! years: Int @external }',
        },
        "{ feed { b } }",
        5,
        5,
    ),
    Situation(
        "two chains of requirements, through a hidden field",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! price: Int @inaccessible weight: Int }',
            "c": 'type T @key(fields: "id") { id: ID! price: Int @external tax: Int @requires(fields: "price") }',
            "d": 'type T @key(fields: "id") { id: ID! tax: Int @external weight: Int @external total: Int @requires(fields: "tax") ship: Int @requires(fields: "weight") }',
        },
        "{ t { total ship } }",
        4,
        4,
    ),
    Situation(
        "a required interface",
        {
            "a": 'type Query { u: User } type User @key(fields: "id") { id: ID! place: Place @external town: String @requires(fields: "place { id }") land: String @requires(fields: "place { ... on Office { id } }") } '
            "interface Place { id: ID! } type Home implements Place { id: ID! @external } type Office implements Place { id: ID! @external }",
            "b": 'type User @key(fields: "id") { id: ID! place: Place } interface Place { id: ID! } type Home implements Place { id: ID! } type Office implements Place { id: ID! }',
        },
        "{ u { town land } }",
        3,
        3,
    ),
    Situation(
        "a required list with an argument, its parts from a third subgraph, and the client's own argument",
        {
            "a": 'type Query { u: User } type User @key(fields: "id") { id: ID! posts(max: Int = 2): [Post!]! } type Post @key(fields: "id") { id: ID! }',
            "b": 'type User @key(fields: "id") { id: ID! posts(max: Int = 2): [Post!]! @external by: String @requires(fields: "posts(max: 3) { authorId }") } type Post @key(fields: "id") { id: ID! authorId: ID @external }',
            "c": 'type Post @key(fields: "id") { id: ID! authorId: ID }',
        },
        "query ($n: Int = 1) { u { posts(max: $n) { id } by } }",
        3,
        3,
        {"n": 1},
    ),
    Situation(
        "a required field that is overridden",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! label: String @external up: String @requires(fields: "label") }',
            "b": 'type T @key(fields: "id") { id: ID! label: String @override(from: "c") }',
            "c": 'type T @key(fields: "id") { id: ID! label: String down: String }',
        },
        "{ i { up down label } }",
        4,
        3,
    ),
    Situation(
        "a conditional chain",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! price: Int }',
            "b": 'type T @key(fields: "id") { id: ID! price: Int @external costly: Boolean @requires(fields: "price") }',
            "c": 'type T @key(fields: "id") { id: ID! costly: Boolean @external flag: Boolean! @requires(fields: "costly") }',
        },
        "query ($c: Boolean = false) { t { id flag @include(if: $c) } }",
        3,
        3,
        {"c": False},
    ),
    Situation(
        "a requirement on the interface type's fragments",
        {
            "a": 'type Query { u: User } type User @key(fields: "id") { id: ID! }',
            "b": 'type User @key(fields: "id") { id: ID! pet: Pet } interface Pet { name: String } interface Furry implements Pet { name: String fur: Int } type Cat implements Pet & Furry { name: String fur: Int claws: Int } type Fish implements Pet { name: String fins: Int }',
            "c": 'type User @key(fields: "id") { id: ID! pet: Pet @external food: String @requires(fields: "pet { ... on Furry { fur ... on Cat { claws } } ... on Fish { fins } }") } '
            "interface Pet { name: String } interface Furry implements Pet { name: String fur: Int } type Cat implements Pet & Furry { name: String @external fur: Int @external claws: Int @external } type Fish implements Pet { name: String @external fins: Int @external }",
        },
        "{ u { food pet { __typename } } }",
        3,
        3,
    ),
]

ABSTRACT = [
    Situation(
        "a type that one subgraph has nullable and another not",
        {
            "a": 'type Query { all: [M!]! } union M = Member | Staff type Member @key(fields: "id") { id: ID! } type Staff { id: ID mates: [M!]! }',
            "b": 'type Query { x: Int } type Member @key(fields: "id") { id: ID name: String }',
        },
        "{ all { ... on Staff { id mates { ... on Member { id } ... on Staff { id } } } ... on Member { id name } } }",
        2,
        2,
    ),
    Situation(
        "aliases keep union members with one key for different fields apart",
        {
            "a": "type Query { all: [V!]! } union V = Firm | Own | Band type Firm { email: String } type Own { email: Mail } type Mail { at: String } type Band { id: String }",
        },
        "{ all { ... on Firm { email } ... on Own { mail: email { at } } ... on Band { email: id t: __typename } } }",
        1,
        1,
    ),
    Situation(
        "an interface's field that the subgraph's own interface lacks",
        {
            "a": 'type Query { items: [Item!]! } interface Item { id: ID! } type Novel implements Item @key(fields: "id") { id: ID! } type Journal implements Item @key(fields: "id") { id: ID! }',
            "b": 'interface Item { id: ID! dims: Dims } type Novel implements Item @key(fields: "id") { id: ID! dims: Dims } type Journal implements Item @key(fields: "id") { id: ID! dims: Dims } type Dims { w: Int h: Int }',
            "c": 'interface Item { id: ID! delivery(zip: String): Int } type Novel implements Item @key(fields: "id") { id: ID! dims: Dims @external delivery(zip: String): Int @requires(fields: "dims { w h }") } '
            'type Journal implements Item @key(fields: "id") { id: ID! dims: Dims @external delivery(zip: String): Int @requires(fields: "dims { w h }") } type Dims { w: Int @external h: Int @external }',
        },
        "query ($z: String) { items { delivery(zip: $z) } again: items { id } }",
        3,
        3,
        {"z": "12"},
    ),
    Situation(
        "a concrete type extended by a subgraph that does not know the interface",
        {
            "a": 'type Query { clips: [Clip!]! } interface Clip @key(fields: "id") { id: ID! } type Movie implements Clip @key(fields: "id") { id: ID! length: Int } type Essay implements Clip @key(fields: "id") { id: ID! }',
            "b": 'type Query { movie: Movie } type Movie @key(fields: "id") { id: ID! stars: Int }',
            "c": 'type Query { marks: [Clip!]! } type Clip @key(fields: "id") @interfaceObject { id: ID! mark: Int }',
        },
        "{ clips { ... on Movie { stars } mark } movie { length stars } marks { mark ... on Movie { length } } }",
        6,
        2,
    ),
    Situation(
        "a field that the interface object and a type both have",
        {
            "a": 'type Query { users: [U!]! } interface U @key(fields: "id") { id: ID! } type Ad implements U @key(fields: "id") { id: ID! active: Boolean @shareable } type Ed implements U @key(fields: "id") { id: ID! }',
            "b": 'type Query { scored: [U!]! } type U @key(fields: "id") @interfaceObject { id: ID! active: Boolean @shareable }',
        },
        "{ scored { id active } users { ... on Ad { active } } }",
        2,
        1,
    ),
    Situation(
        "__typename under several aliases",
        {"a": "type Query { n: [N!]! } union N = A | B type A { x: Int } type B { y: Int }"},
        "{ n { __typename t: __typename ... on A { u: __typename x } ... on B { __typename } } }",
        1,
        1,
    ),
    Situation(
        "an interface below an interface",
        {
            "a": 'type Query { nodes: [Node!]! } interface Node { id: ID! } interface Warranted { years: Int } type Mixer implements Node & Warranted @key(fields: "id") { id: ID! years: Int } type Toaster implements Node @key(fields: "id") { id: ID! }',
            "b": 'interface Node { id: ID! } type Toaster implements Node & Warranted @key(fields: "id") { id: ID! years: Int } interface Warranted { years: Int }',
        },
        "{ nodes { id ... on Node { ... on Warranted { years } } } }",
        2,
        2,
    ),
]
