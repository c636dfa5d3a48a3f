"""Suites about `@interfaceObject`: subgraphs that know an interface's objects, and not their types."""

from tests.support.federation_audit.suite import Asked, Planned, Refused, Suite, fed2

_INDIRECT = {
    "a": fed2(
        'type Query { clips: [Clip!]! } interface Clip @key(fields: "id") { id: ID! } type Movie implements Clip @key(fields: "id") { id: ID! length: Int } type Essay implements Clip @key(fields: "id") { id: ID! pages: Int }'
    ),
    "b": fed2('type Query { movies: [Movie!]! } type Movie @key(fields: "id") { id: ID! stars: Int }'),
    "c": fed2(
        'type Query { marks: [Clip!]! } type Clip @key(fields: "id") @interfaceObject { id: ID! mark: Int }'
    ),
}

_REQUIRING = {
    "a": fed2(
        'type Query { inA: [Named!]! } interface Named @key(fields: "id") { id: ID! name: String! } type One implements Named @key(fields: "id") { id: ID! name: String! age: Int! } type Two implements Named @key(fields: "id") { id: ID! name: String! }'
    ),
    "b": fed2(
        'type Query { inB: [Named!]! } type Named @key(fields: "id") @interfaceObject { id: ID! name: String! @external handle: String! @requires(fields: "name") plain: Int }'
    ),
}

_SIMPLE = {
    "a": fed2(
        'type Query { users: [Boss!]! } interface Boss @key(fields: "id") { id: ID! } type Chief implements Boss @key(fields: "id") { id: ID! isMain: Boolean! active: Boolean! @shareable } '
        'type Clerk implements Boss @key(fields: "id") { id: ID! active: Boolean! @shareable }'
    ),
    "b": fed2(
        'type Query { byName: [Boss!]! } type Boss @key(fields: "id") @interfaceObject { id: ID! name: String! label: String }'
    ),
    "c": fed2(
        'type Query { byState: [Boss!]! } type Boss @key(fields: "id") @interfaceObject { id: ID! active: Boolean! @shareable }'
    ),
}

_CLOSED = {
    "a": fed2(
        'type Query { knotA: Knot snack: Snack } interface Knot @key(fields: "id") { id: ID! } type Snack @interfaceObject @key(fields: "id", resolvable: false) { id: ID! }'
    ),
    "b": fed2(
        'type Query { knotB: Knot } type Knot @interfaceObject @key(fields: "id", resolvable: false) { id: ID! extra: Int } '
        'interface Snack @key(fields: "id") { id: ID! } type Roll implements Snack @key(fields: "id") { id: ID! name: String! }'
    ),
}

INTERFACE_OBJECTS = (
    Suite(
        "interface-object-indirect-extension",
        _INDIRECT,
        (
            "{ clips { id ... on Movie { stars } mark } }",
            "{ marks { id mark ... on Movie { length } } }",
            "{ marks { ... on Movie { stars length } ... on Essay { pages } } }",
            "{ clips { mark } movies { stars mark length } marks { __typename mark } }",
        ),
    ),
    Suite(
        "interface-object-with-requires",
        _REQUIRING,
        (
            "{ inA { id name handle } }",
            "{ inB { id name handle } }",
            "{ inB { handle } }",
            "{ inB { __typename handle ... on One { age } } }",
            "{ inA { __typename handle ... on One { age handle name } } }",
            "{ inB { plain ... on Two { name handle } } inA { plain } }",
        ),
    ),
    Suite(
        "simple-interface-object",
        _SIMPLE,
        (
            Asked("{ byName { id name label } }", 1),
            Asked("{ byName { id name __typename } }", 2),
            Asked("{ users { id name } }", 2),
            "{ byName { name ... on Chief { id isMain } } }",
            "{ byName { ... on Chief { label } } }",
            "{ users { name active ... on Chief { isMain active } } }",
            "{ users { ... on Chief { active isMain name } } }",
            "{ byState { active ... on Chief { name } name } }",
            "{ byName { active } byState { name } users { active } }",
            "{ users { ... on Boss { name label ... on Clerk { label active } } } }",
        ),
    ),
    Suite(
        "non-resolvable-interface-object",
        _CLOSED,
        (
            Refused("{ knotA { extra } }"),
            Planned("{ knotB { extra } }", 1),
            Asked("{ snack { id } }", 1),
            Refused("{ snack { name } }"),
            "{ snack { ... on Roll { id } } }",
            "{ snack { __typename ... on Roll { name } } }",
        ),
    ),
    Suite(
        "typename",
        {
            "a": fed2(
                'type Query { things: [Thing] users: [User] } union Thing = Oven | Mill type Oven implements Warm @key(fields: "id") { id: ID! } type Mill { id: ID! } interface Warm { id: ID! } type User @key(fields: "id") @interfaceObject { id: ID! name: String }'
            ),
            "b": fed2(
                'interface User @key(fields: "id") { id: ID! } type Admin implements User @key(fields: "id") { id: ID! isMain: Boolean }'
            ),
        },
        (
            "{ things { __typename } }",
            "{ things { t: __typename ... on Oven { __typename u: __typename id } ... on Mill { v: __typename } } }",
            "{ things { ... on Warm { a: __typename id b: __typename } c: __typename } }",
            Asked("{ users { id } }", 1),
            Asked("{ users { __typename } }", 2),
            "{ users { id t: __typename } }",
            "{ users { __typename name ... on Admin { isMain t: __typename } } __typename q: __typename }",
        ),
    ),
)
