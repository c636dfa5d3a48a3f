"""Suites about `@provides`: on one path, through several levels, interfaces and unions."""

from tests.support.federation_audit.suite import Asked, Suite, fed2

_NESTED = {
    "categories": fed2(
        'type Good @key(fields: "id") { id: ID! groups: [Group] @shareable } type Group @key(fields: "id") { id: ID! subs: [Group] @shareable }'
    ),
    "all": fed2(
        'type Query { goods: [Good] @provides(fields: "groups { id label subs { id label } }") } '
        'type Good @key(fields: "id") { id: ID! groups: [Group] @external } type Group @key(fields: "id") { id: ID! label: String @external subs: [Group] @external }'
    ),
    "labels": fed2('type Group @key(fields: "id") { id: ID! label: String @shareable }'),
}

_INTERFACE = {
    "a": fed2(
        'type Query { item: Item @shareable } interface Item { id: ID! } type Novel implements Item @key(fields: "id") { id: ID! } '
        'type Dog @key(fields: "id") { id: ID! name: String @shareable } type Cat @key(fields: "id") { id: ID! name: String @shareable }'
    ),
    "b": fed2(
        'type Query { item: Item @shareable @provides(fields: "pets { id name }") } interface Item { id: ID! pets: [Pet] } interface Pet { id: ID! name: String } '
        'type Novel implements Item @key(fields: "id") { id: ID! @shareable pets: [Pet] @external } type Dog implements Pet { id: ID! @external name: String @external } type Cat implements Pet { id: ID! @external name: String @external }'
    ),
    "c": fed2(
        'interface Item { id: ID! pets: [Pet] } interface Pet { id: ID! } type Novel implements Item @key(fields: "id") { id: ID! pets: [Pet] @shareable } '
        'type Dog implements Pet @key(fields: "id") { id: ID! age: Int } type Cat implements Pet @key(fields: "id") { id: ID! age: Int }'
    ),
}

_UNION = {
    "a": fed2(
        'type Query { media: [Media] @shareable @provides(fields: "... on Novel { title }") } union Media = Novel | Film type Novel @key(fields: "id") { id: ID! title: String @external } type Film @key(fields: "id") { id: ID! }'
    ),
    "b": fed2(
        'type Query { media: [Media] @shareable @provides(fields: "... on Novel { title }") } union Media = Novel | Film type Novel @key(fields: "id") { id: ID! title: String @external } type Film @key(fields: "id") { id: ID! }'
    ),
    "c": fed2(
        'type Novel @key(fields: "id") { id: ID! title: String @shareable } type Film @key(fields: "id") { id: ID! title: String @shareable }'
    ),
}

PROVISIONS = (
    Suite(
        "nested-provides",
        _NESTED,
        (
            Asked("{ goods { id groups { id label } } }", 1),
            Asked("{ goods { id groups { id label subs { id label } } } }", 1),
            "{ goods { groups { subs { subs { id label } } } } }",
        ),
    ),
    Suite(
        "provides-on-interface",
        _INTERFACE,
        (
            Asked("{ item { pets { id name } } }", 1),
            Asked("{ item { id pets { name ... on Cat { age } } } }", 2),
            Asked("{ item { pets { ... on Dog { name } ... on Cat { id } } } }", 1),
        ),
        frozenset({"a Query.item", "c Dog"}),
    ),
    Suite(
        "provides-on-union",
        _UNION,
        (
            Asked("{ media { ... on Novel { id title } } }", 1),
            Asked("{ media { ... on Novel { id title } ... on Film { id } } }", 1),
            Asked("{ media { ... on Novel { title } ... on Film { title } } }", 2),
        ),
        frozenset({"c Novel"}),
    ),
)
