"""Situations of interfaces, unions and interface objects."""

from tests.support.federation_situations import Situation

_MEDIA = (
    "type Query { n: Media all: [Media!]! } interface Media { id: ID! t: String } "
    'type Book implements Media @key(fields: "id") { id: ID! t: String } '
    'type Film implements Media @key(fields: "id") { id: ID! t: String }'
)
_PRICED = (
    'type Book @key(fields: "id") { id: ID! price: Int } type Film @key(fields: "id") { id: ID! price: Int }'
)
_USERS = (
    'type Query { users: [U!]! one: U } interface U @key(fields: "id") { id: ID! name: String } '
    'type Ad implements U @key(fields: "id") { id: ID! name: String k: Int } '
    'type Ed implements U @key(fields: "id") { id: ID! name: String }'
)
_SCORES = 'type Query { scored: [U!]! } type U @key(fields: "id") @interfaceObject { id: ID! score: Int }'

INTERFACES = [
    Situation("S23 all in one subgraph", {"a": _MEDIA}, "{ n { id t } }", 1, 1),
    Situation(
        "S24 two types, one request",
        {
            "a": "type Query { all: [Media!]! } interface Media { id: ID! price: Int } "
            'type Book implements Media @key(fields: "id") { id: ID! price: Int @external } '
            'type Film implements Media @key(fields: "id") { id: ID! price: Int @external }',
            "b": _PRICED,
        },
        "{ all { id ... on Book { price } ... on Film { price } } }",
        2,
        2,
    ),
    Situation(
        "S24 two types asked on the interface",
        {
            "a": "type Query { all: [Media!]! } interface Media { id: ID! } "
            'type Book implements Media @key(fields: "id") { id: ID! } '
            'type Film implements Media @key(fields: "id") { id: ID! }',
            "b": "interface Media { id: ID! price: Int } "
            'type Book implements Media @key(fields: "id") { id: ID! price: Int } '
            'type Film implements Media @key(fields: "id") { id: ID! price: Int }',
        },
        "{ all { price } }",
        2,
        2,
    ),
    Situation(
        "S25 one type only is fetched elsewhere",
        {
            "a": "type Query { all: [Media!]! } interface Media { id: ID! t: String } "
            'type Book implements Media @key(fields: "id") { id: ID! t: String @shareable } '
            'type Film implements Media @key(fields: "id") { id: ID! t: String @external }',
            "b": 'type Film @key(fields: "id") { id: ID! t: String @shareable }',
        },
        "{ all { t } }",
        2,
        2,
    ),
    Situation(
        "S26 a member that this subgraph never returns",
        {
            "a": "type Query { pick: Choice } union Choice = C2 type C2 { y: Int @shareable }",
            "b": "type Query { other: Choice } union Choice = C1 | C2 type C1 { x: Int } type C2 { y: Int @shareable }",
        },
        "{ pick { ... on C1 { x } ... on C2 { y } } }",
        1,
        1,
    ),
    Situation(
        "S38 members of one union whose fields differ in type",
        {
            "a": "type Query { us: [U!]! } union U = U1 | U2 type U1 { id: ID! @shareable } type U2 { id: ID @shareable }",
            "b": "type U1 { id: ID @shareable }",
        },
        "{ us { ... on U1 { id } ... on U2 { id } } }",
        1,
        1,
    ),
    Situation(
        "S49 local and remote fields of two types",
        {
            "a": "type Query { all: [Media!]! } interface Media { id: ID! } "
            'type Book implements Media @key(fields: "id") { id: ID! own: Int } '
            'type Film implements Media @key(fields: "id") { id: ID! own: Int }',
            "b": 'type Book @key(fields: "id") { id: ID! r: Int } type Film @key(fields: "id") { id: ID! r: Int }',
        },
        "{ all { ... on Book { own r } ... on Film { own r } } }",
        2,
        2,
    ),
    Situation(
        "S57 an interface that is an entity on both sides",
        {
            "a": _USERS,
            "b": 'interface U @key(fields: "id") { id: ID! age: Int } type Ad implements U @key(fields: "id") { id: ID! age: Int } '
            'type Ed implements U @key(fields: "id") { id: ID! age: Int }',
        },
        "{ users { name age } }",
        2,
        2,
    ),
    Situation(
        "S66 both members of a union are fetched elsewhere",
        {
            "a": 'type Query { all: [Any!]! } union Any = Book | Film type Book @key(fields: "id") { id: ID! } type Film @key(fields: "id") { id: ID! }',
            "b": _PRICED,
        },
        "{ all { ... on Book { price } ... on Film { price } } }",
        2,
        2,
    ),
    Situation(
        "an arm with an entity below",
        {
            "a": "type Query { all: [Media!]! } interface Media { id: ID! } "
            'type Book implements Media @key(fields: "id") { id: ID! by: P } '
            'type Film implements Media @key(fields: "id") { id: ID! by: P } type P @key(fields: "id") { id: ID! }',
            "b": 'type P @key(fields: "id") { id: ID! name: String age: Int }',
        },
        "{ all { ... on Book { by { name } } ... on Film { by { age } } } }",
        2,
        2,
    ),
    Situation(
        "an interface condition on a union is widened to the supergraph's types",
        {
            "a": "type Query { things: [Thing!]! } union Thing = Heater | Mixer interface Node { id: ID! } "
            'type Heater @key(fields: "id") { id: ID! } type Mixer implements Node @key(fields: "id") { id: ID! }',
            "b": 'interface Node { id: ID! } type Heater implements Node @key(fields: "id") { id: ID! w: Int }',
        },
        "{ things { ... on Node { id } } }",
        1,
        1,
    ),
    Situation(
        "an overridden field is not asked on the interface",
        {
            "a": "type Query { feed: [Post!]! } interface Post { id: ID! stamp: String } "
            'type Photo implements Post @key(fields: "id") { id: ID! stamp: String }',
            "b": 'type Photo @key(fields: "id") { id: ID! stamp: String @override(from: "a") }',
        },
        "{ feed { id stamp } }",
        2,
        2,
    ),
    Situation(
        "a field is provided on one path below an interface",
        {
            "a": "type Query { ware: Ware } interface Ware { id: ID! twin: Ware } "
            'type Tool implements Ware @key(fields: "id") { id: ID! twin: Tool @provides(fields: "cost") cost: Int @external }',
            "b": 'type Tool @key(fields: "id") { id: ID! cost: Int @shareable }',
        },
        "{ ware { twin { id } ... on Tool { cost twin { cost } } } }",
        2,
        2,
    ),
    Situation(
        "an interface's field is provided",
        {
            "a": 'type Query { box: Box @provides(fields: "pets { id name }") } type Box @key(fields: "id") { id: ID! pets: [Pet!]! @external } '
            "interface Pet { id: ID! name: String } type Cat implements Pet { id: ID! @external name: String @external } "
            "type Dog implements Pet { id: ID! @external name: String @external }",
            "b": 'type Box @key(fields: "id") { id: ID! pets: [Pet!]! @shareable } interface Pet { id: ID! name: String } '
            'type Cat implements Pet @key(fields: "id") { id: ID! @shareable name: String @shareable age: Int } '
            'type Dog implements Pet @key(fields: "id") { id: ID! @shareable name: String @shareable }',
        },
        "{ box { pets { id name } } }",
        1,
        1,
    ),
    Situation(
        "nested lists of mixed types",
        {
            "a": "type Query { grid: [[Media!]!]! } interface Media { id: ID! } "
            'type Book implements Media @key(fields: "id") { id: ID! } type Film implements Media @key(fields: "id") { id: ID! }',
            "b": _PRICED,
        },
        "{ grid { id ... on Film { price } } }",
        2,
        2,
    ),
]

INTERFACE_OBJECTS = [
    Situation(
        "S27 an interface object adds a field", {"a": _USERS, "b": _SCORES}, "{ users { name score } }", 2, 2
    ),
    Situation(
        "S28 the type name of an interface object",
        {"a": _USERS, "b": _SCORES},
        "{ scored { __typename score } }",
        2,
        2,
    ),
    Situation(
        "only fields of an interface object", {"a": _USERS, "b": _SCORES}, "{ scored { id score } }", 1, 1
    ),
    Situation(
        "S29 a type's own field in the interface object",
        {"a": _USERS, "b": _SCORES},
        "{ scored { ... on Ad { score } } }",
        3,
        3,
    ),
    Situation(
        "S30 a type's own field elsewhere",
        {"a": _USERS, "b": _SCORES},
        "{ scored { ... on Ad { k } } }",
        2,
        2,
    ),
    Situation(
        "S30 fields on both levels",
        {"a": _USERS, "b": _SCORES},
        "{ scored { id score name ... on Ad { k name } } }",
        2,
        2,
    ),
    Situation(
        "S58 an interface object requires a field of the interface",
        {
            "a": _USERS,
            "b": 'type U @key(fields: "id") @interfaceObject { id: ID! name: String @external shout: String @requires(fields: "name") }',
        },
        "{ users { shout } }",
        2,
        2,
    ),
    Situation(
        "an interface object requires a field and starts the query",
        {
            "a": _USERS,
            "b": 'type Query { scored: [U!]! } type U @key(fields: "id") @interfaceObject { id: ID! name: String @external shout: String @requires(fields: "name") }',
        },
        "{ scored { id shout ... on Ad { k shout } } }",
        3,
        3,
    ),
    Situation(
        "S75 an interface object's field at two places",
        {"a": _USERS, "b": _SCORES},
        "{ users { score } one { score } }",
        2,
        2,
    ),
    Situation(
        "a type's own remote field beside an interface object's",
        {"a": _USERS, "b": _SCORES, "c": 'type Ad @key(fields: "id") { id: ID! size: Int }'},
        "{ users { score ... on Ad { size } } }",
        3,
        2,
    ),
    Situation(
        "a value of which one subgraph knows the type only, with the name of its type",
        {
            "a": 'type Query { v: V @shareable } type V { w: N @shareable } type N @key(fields: "id") { id: ID! x: Int }',
            "b": 'type Query { v: V @shareable } type V { w: W @shareable } union W = N | O type O { z: Int } type N @key(fields: "id") { id: ID! y: Int }',
        },
        "{ v { w { __typename ... on N { x y } } } }",
        2,
        1,
    ),
    Situation(
        "what an interface object requires for one type only, beside its fields for all",
        {
            "a": 'type Query { users: [U!]! } interface U @key(fields: "id") { id: ID! } type Ad implements U @key(fields: "id") { id: ID! } '
            'type Me implements U @key(fields: "id") { id: ID! }',
            "b": 'type U @key(fields: "id") @interfaceObject { id: ID! name: String @external shout: String @requires(fields: "name") score: Int }',
            "c": 'type Ad implements U @key(fields: "id") { id: ID! name: String } type Me implements U @key(fields: "id") { id: ID! name: String } '
            'interface U @key(fields: "id") { id: ID! name: String } ',
        },
        "{ users { score ... on Ad { shout score } } }",
        3,
        3,
    ),
]
