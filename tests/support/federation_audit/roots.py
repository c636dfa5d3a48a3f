"""Suites about what subgraphs share at the root, and about inputs, enums and what clients do not see."""

from tests.support.federation_audit.suite import Asked, Refused, Suite, fed2

_FILTER = {
    "a": fed2(
        'type Query { inA(filter: Filter): [User] } input Filter { first: Int! } type User @key(fields: "id") { id: ID! name: String @shareable }'
    ),
    "b": fed2(
        'type Query { inB(filter: Filter): [User] } input Filter { first: Int more: String } type User @key(fields: "id") { id: ID! name: String @shareable }'
    ),
}

_HIDDEN = {
    "age": fed2('type Query { inAge: User } type User @key(fields: "id") { id: ID age: Int }'),
    "friends": fed2(
        'type Query { inFriends: User } type User @key(fields: "id") { id: ID friends(type: Kind = FAMILY @inaccessible): [User!]! type: Kind } enum Kind { FAMILY FRIEND }'
    ),
}

_WRITES = {
    "a": fed2(
        "type Mutation { addGood(name: String): Good! multiply(by: Int!): Int! addCart(n: Int): Cart @shareable } type Query { good(id: ID!): Good! goods: [Good!]! } "
        'type Good @key(fields: "id") { id: ID! name: String! price: Float! } type Cart @key(fields: "id") { id: ID! @shareable }'
    ),
    "b": fed2(
        'type Mutation { delete: Int! @shareable } type Good @key(fields: "id") { id: ID! price: Float! @external costly: Boolean! @requires(fields: "price") available: Boolean! }'
    ),
    "c": fed2(
        'type Mutation { add(n: Int!): Int! addCart(n: Int): Cart @shareable } type Cart @key(fields: "id") { id: ID! @shareable size: Int }'
    ),
}

ROOTS = (
    Suite(
        "shared-root",
        {
            "a": fed2(
                "type Query { good: Good @shareable goods: [Good] @shareable } type Good { id: ID! @shareable category: Part! } type Part { id: ID! @shareable name: String }"
            ),
            "b": fed2(
                "type Query { good: Good @shareable goods: [Good] @shareable } type Good { id: ID! @shareable label: Text! } type Text { id: ID! brand: String }"
            ),
            "c": fed2(
                "type Query { good: Good @shareable goods: [Good] @shareable } type Good { id: ID! @shareable price: Cost! } type Cost { id: ID! amount: Int }"
            ),
        },
        (
            Asked("{ good { id label { brand } category { name } price { amount } } }", 3),
            Asked("{ goods { id label { id brand } category { id name } price { id amount } } }", 3),
            Asked("{ goods { price { amount } } good { category { id } } }", 2),
        ),
    ),
    Suite(
        "input-object-intersection",
        _FILTER,
        (
            Asked("{ inA(filter: { first: 1 }) { id name } }", 1),
            Asked("query ($f: Filter) { inB(filter: $f) { id } }", 1, {"f": {"first": 2}}),
            Refused('{ inB(filter: { first: 1, more: "x" }) { id } }'),
        ),
    ),
    Suite(
        "simple-inaccessible",
        _HIDDEN,
        (
            "{ inAge { id friends { id age } } }",
            "{ inFriends { id age friends { age friends { id } } } }",
            Refused("{ inFriends { friends(type: FRIEND) { id } } }"),
            "{ inFriends { type } }",
        ),
    ),
    Suite(
        "enum-intersection",
        {
            "a": fed2(
                'type Query { users: [User] byType(type: UserType): User } type User @key(fields: "id") { id: ID! type: UserType @shareable } enum UserType { REGULAR }'
            ),
            "b": fed2(
                'type Query { usersB: [User] } type User @key(fields: "id") { id: ID! type: UserType @shareable } enum UserType { REGULAR ANONYMOUS @inaccessible }'
            ),
        },
        (
            "{ users { id type } }",
            "{ byType(type: REGULAR) { type } }",
            Refused("{ byType(type: ANONYMOUS) { id } }"),
        ),
    ),
    Suite(
        "mutations",
        _WRITES,
        (
            Asked('mutation { addGood(name: "n") { name price } }', 1),
            Asked('mutation { addGood(name: "n") { costly available } }', 2),
            "mutation { one: add(n: 1) multiply(by: 5) two: add(n: 2) delete }",
            Asked("mutation { addCart(n: 1) { id size } }", 1),
            Asked('{ good(id: "1") { costly available } }', 2),
        ),
        frozenset({"a Good", "a Mutation.addCart"}),
    ),
)
