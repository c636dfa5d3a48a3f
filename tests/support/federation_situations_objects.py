"""Situations of objects: keys, shareable values, entities at several places."""

from tests.support.federation_situations import Situation

_ITEM_A = 'type Query { i: Item items: [Item!]! tops: [Item!]! } type Item @key(fields: "id") { id: ID! name: String }'
_ITEM_B = 'type Item @key(fields: "id") { id: ID! p: Int q: Int }'

KEYS = [
    Situation(
        "S01 everything in one subgraph",
        {
            "a": "type Query { shop: Shop } type Shop { name: String staff: [Person!]! } type Person { nick: String }"
        },
        "{ shop { name staff { nick } } }",
        1,
        1,
    ),
    Situation(
        "S02 parallel roots", {"a": "type Query { x: Int }", "b": "type Query { y: Int }"}, "{ x y }", 2, 1
    ),
    Situation(
        "S03 a list joined by key",
        {"a": _ITEM_A, "b": 'type Item @key(fields: "id") { id: ID! price: Int }'},
        "{ items { name price } }",
        2,
        2,
    ),
    Situation(
        "S04 only the key is asked",
        {
            "a": 'type Query { reviews: [Review!]! } type Review { item: Item } type Item @key(fields: "id", resolvable: false) { id: ID! }',
            "b": 'type Item @key(fields: "id") { id: ID! price: Int }',
        },
        "{ reviews { item { id } } }",
        1,
        1,
    ),
    Situation(
        "S05 one key translated to another",
        {
            "a": 'type Query { box: Box } type Box @key(fields: "upc") { upc: ID! }',
            "b": 'type Box @key(fields: "upc") @key(fields: "id") { upc: ID! id: ID! }',
            "c": 'type Box @key(fields: "id") { id: ID! owner: String }',
        },
        "{ box { owner } }",
        3,
        3,
    ),
    Situation(
        "S06 two keys at hand",
        {
            "a": 'type Query { t: T } type T @key(fields: "k1") @key(fields: "k2") { k1: ID! k2: ID! }',
            "b": 'type T @key(fields: "k1") { k1: ID! x: Int }',
            "c": 'type T @key(fields: "k2") { k2: ID! y: Int }',
        },
        "{ t { x y } }",
        3,
        2,
    ),
    Situation(
        "S07 a nested key",
        {
            "a": 'type Query { seats: [Seat!]! } type Seat @key(fields: "hall { code } row") { hall: Hall! row: Int! } type Hall { code: ID! }',
            "b": 'type Seat @key(fields: "hall { code } row") { hall: Hall! @external row: Int! price: Int } type Hall { code: ID! @external }',
        },
        "{ seats { price } }",
        2,
        2,
    ),
    Situation(
        "S08 a value held by three subgraphs",
        {
            "a": "type Query { me: Me @shareable } type Me { x: Int }",
            "b": "type Query { me: Me @shareable } type Me { y: Int }",
            "c": "type Query { me: Me @shareable } type Me { z: Int }",
        },
        "{ me { x y z } }",
        3,
        1,
    ),
    Situation(
        "S09 what is best here is not best in all",
        {
            "a": "type Query { t: T @shareable } type T { x: Int @shareable }",
            "b": 'type Query { t: T @shareable } type T @key(fields: "id") { id: ID! }',
            "c": 'type T @key(fields: "id") { id: ID! x: Int @shareable y: Int }',
        },
        "{ t { x y } }",
        2,
        2,
    ),
    Situation(
        "S10 a field follows its sibling",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! v: Int @shareable }',
            "c": 'type T @key(fields: "id") { id: ID! v: Int @shareable w: Int }',
        },
        "{ i { v w } }",
        2,
        2,
    ),
    Situation(
        "S11 one subgraph covers all",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! }',
            "p": 'type T @key(fields: "id") { id: ID! f1: Int @shareable }',
            "q": 'type T @key(fields: "id") { id: ID! f2: Int @shareable }',
            "r": 'type T @key(fields: "id") { id: ID! f3: Int @shareable }',
            "z": 'type T @key(fields: "id") { id: ID! f1: Int @shareable f2: Int @shareable f3: Int @shareable }',
        },
        "{ i { f1 f2 f3 } }",
        2,
        2,
    ),
    Situation(
        "S40 the parts of a value are had by its parent",
        {
            "a": 'type Query { w: Ware } type Ware @key(fields: "id") { id: ID! }',
            "b": 'type Ware @key(fields: "id") { id: ID! cat: Cat @shareable } type Cat { info: String }',
            "c": 'type Ware @key(fields: "id") { id: ID! cat: Cat @shareable } type Cat @key(fields: "id") { id: ID! }',
            "d": 'type Cat @key(fields: "id") { id: ID! name: String }',
        },
        "{ w { cat { info name } } }",
        4,
        3,
    ),
    Situation(
        "S41 a subgraph that only repeats the key is not asked",
        {
            "a": 'type Query { i: T } type T @key(fields: "k1") { k1: ID! }',
            "b": 'type T @key(fields: "k1") { k1: ID! }',
            "c": 'type T @key(fields: "k1") { k1: ID! v: Int }',
        },
        "{ i { k1 v } }",
        2,
        2,
    ),
    Situation(
        "S43 only the type name",
        {"a": _ITEM_A, "b": _ITEM_B},
        "{ i { __typename } }",
        1,
        1,
    ),
    Situation(
        "S44 lists of lists",
        {"a": 'type Query { grid: [[Item!]!]! } type Item @key(fields: "id") { id: ID! }', "b": _ITEM_B},
        "{ grid { p } }",
        2,
        2,
    ),
    Situation(
        "S46 branches do not wait for each other",
        {
            "a": 'type Query { i: T j: U } type T @key(fields: "k1") { k1: ID! } type U @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "k1") @key(fields: "k2") { k1: ID! k2: ID! }',
            "c": 'type T @key(fields: "k2") { k2: ID! v: Int }',
            "d": 'type U @key(fields: "id") { id: ID! w: Int }',
        },
        "{ i { v } j { w } }",
        4,
        3,
    ),
    Situation(
        "S47 fields of one subgraph go together",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! a: Int @shareable b: Int @shareable c: Int @shareable d: Int @shareable }',
            "c": 'type T @key(fields: "id") { id: ID! a: Int @shareable b: Int @shareable c: Int @shareable d: Int @shareable e: Int }',
        },
        "{ i { a b c d e } }",
        2,
        2,
    ),
    Situation(
        "S48 a value's source is chosen by what is asked of it",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! o: O @shareable } type O { x: Int @shareable }',
            "c": 'type T @key(fields: "id") { id: ID! o: O @shareable } type O { x: Int @shareable y: Int }',
        },
        "{ i { o { x y } } }",
        2,
        2,
    ),
    Situation(
        "S51 a key is not fetched twice",
        {
            "a": 'type Query { i: T } type T @key(fields: "k") { k: ID! }',
            "b": 'type T @key(fields: "k") @key(fields: "id") { k: ID! id: ID! }',
            "c": 'type T @key(fields: "id") { id: ID! v: Int }',
        },
        "{ i { id } }",
        2,
        2,
    ),
    Situation(
        "S60 three nested jumps",
        {
            "a": 'type Query { x: X } type X @key(fields: "id") { id: ID! }',
            "b": 'type X @key(fields: "id") { id: ID! y: Y } type Y @key(fields: "id") { id: ID! }',
            "c": 'type Y @key(fields: "id") { id: ID! z: Z } type Z @key(fields: "id", resolvable: false) { id: ID! }',
            "d": 'type Z @key(fields: "id") { id: ID! v: Int }',
        },
        "{ x { y { z { v } } } }",
        4,
        4,
    ),
    Situation(
        "S76 one type as parent and child",
        {
            "a": 'type Query { i: P } type P @key(fields: "id") { id: ID! next: P }',
            "b": 'type P @key(fields: "id") { id: ID! p: Int }',
        },
        "{ i { p next { p } } }",
        2,
        2,
    ),
    Situation(
        "S36 one field at two places is one request",
        {"a": _ITEM_A, "b": _ITEM_B},
        "{ i { p } tops { p } }",
        2,
        2,
    ),
    Situation(
        "S67 different fields at two places are one request",
        {
            "a": 'type Query { x: X y: Y } type X { it: Item } type Y { its: [Item!]! } type Item @key(fields: "id") { id: ID! }',
            "b": _ITEM_B,
        },
        "{ x { it { p } } y { its { q } } }",
        2,
        2,
    ),
    Situation(
        "S73 one subgraph at two depths",
        {
            "a": 'type Query { i: P } type P @key(fields: "id") { id: ID! other: O } type O @key(fields: "id") { id: ID! }',
            "b": 'type P @key(fields: "id") { id: ID! p: Int } type O @key(fields: "id") { id: ID! q: Int }',
        },
        "{ i { p other { q } } }",
        2,
        2,
    ),
    Situation(
        "a root that several subgraphs share is asked where its requests are shared",
        {
            "a": 'type Query { x: E all: [E!]! @shareable } type E @key(fields: "id") { id: ID! f: Int @external r: Int @requires(fields: "f") }',
            "b": 'type Query { all: [E!]! @shareable } type E @key(fields: "id") { id: ID! f: Int }',
        },
        "{ x { r } all { r } }",
        3,
        3,
    ),
    Situation(
        "and elsewhere where it is asked alone",
        {
            "a": 'type Query { x: E all: [E!]! @shareable } type E @key(fields: "id") { id: ID! f: Int @external r: Int @requires(fields: "f") }',
            "b": 'type Query { all: [E!]! @shareable } type E @key(fields: "id") { id: ID! f: Int }',
        },
        "{ all { r } }",
        2,
        2,
    ),
]
