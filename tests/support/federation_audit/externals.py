"""Suites about `@external`, `extend type` and `@extends`, as federation 1 and 2 have them, and about `@override`."""

from tests.support.federation_audit.suite import Asked, Suite, fed2


def _extension(spelling: str, *, is_linked: bool) -> dict[str, str]:
    head, marker = ("extend type", "") if spelling == "extension" else ("type", " @extends")
    extending = (
        f'{head} Person{marker} @key(fields: "id") {{ id: ID @external label: String @external num: Int }} '
        f'{head} Query{marker} {{ who: Person whoNamed: Person @provides(fields: "label") }}'
    )
    owning = 'type Query { people: [Person] } type Person @key(fields: "id") { id: ID label: String }'
    if not is_linked:
        return {"a": extending, "b": owning}
    return {"a": fed2(extending), "b": fed2(owning.replace("label: String", "label: String @shareable"))}


_EXTENDED = (
    Asked("{ who { id num } }", 1),
    Asked("{ who { id num label } }", 2),
    Asked("{ whoNamed { id num label } }", 1),
    Asked("{ people { id label } }", 1),
    Asked("{ people { id label num } }", 2),
    "{ who { label } whoNamed { label } }",
)

EXTERNALS = (
    Suite("fed1-external-extends", _extension("extends", is_linked=False), _EXTENDED),
    Suite("fed1-external-extension", _extension("extension", is_linked=False), _EXTENDED),
    Suite("fed2-external-extends", _extension("extends", is_linked=True), _EXTENDED),
    Suite("fed2-external-extension", _extension("extension", is_linked=True), _EXTENDED),
    Suite(
        "simple-override",
        {
            "a": fed2(
                'type Query { feed: [Post] @shareable } type Post @key(fields: "id") { id: ID made: String @shareable }'
            ),
            "b": fed2(
                'type Query { feed: [Post] @shareable bFeed: [Post] } type Post @key(fields: "id") { id: ID made: String @override(from: "a") }'
            ),
        },
        (Asked("{ feed { made } }", 1), Asked("{ feed { id made } }", 1), Asked("{ bFeed { made } }", 1)),
    ),
    Suite(
        "unavailable-override",
        {
            "a": fed2(
                'type Query { feed: [Post] @shareable aFeed: [Post] } type Post @key(fields: "id") { id: ID made: String @override(from: "none") @shareable }'
            ),
            "b": fed2(
                'type Query { feed: [Post] @shareable bFeed: [Post] } type Post @key(fields: "id") { id: ID made: String @override(from: "nowhere") @shareable }'
            ),
        },
        ("{ feed { made } }", "{ aFeed { made } bFeed { made } }", "{ feed { id made } }"),
    ),
    Suite(
        "override-type-interface",
        {
            "a": fed2(
                'interface Post { id: ID! stamp: String! } type Photo implements Post @key(fields: "id") { id: ID! stamp: String! } type Query { feed: [Post] }'
            ),
            "b": fed2(
                'interface Other { id: ID! stamp: String! } type Photo implements Other @key(fields: "id") { id: ID! stamp: String! @override(from: "a") } '
                'type Note implements Post @key(fields: "id") { id: ID! stamp: String! } interface Post { id: ID! stamp: String! } type Query { others: [Other] }'
            ),
        },
        (
            Asked("{ feed { id stamp } }", 2),
            "{ feed { stamp } }",
            "{ feed { ... on Photo { stamp } } }",
            "{ feed { ... on Note { stamp } } }",
            Asked("{ others { id stamp } }", 1),
        ),
    ),
    Suite(
        "override-with-requires",
        {
            "a": fed2(
                'type Query { inA: User } type User @key(fields: "id") { id: ID label: String @external aName: String @requires(fields: "label") }'
            ),
            "b": fed2(
                'type Query { inB: User } type User @key(fields: "id") { id: ID label: String @override(from: "c") }'
            ),
            "c": fed2(
                'type Query { inC: User } type User @key(fields: "id") { id: ID label: String @external cName: String @requires(fields: "label") }'
            ),
        },
        (
            "{ inA { id label aName cName } }",
            "{ inB { id label aName cName } }",
            "{ inC { id label cName } }",
            "{ inC { cName aName } }",
            "{ inA { cName } }",
            "{ inB { aName } }",
        ),
    ),
)
