"""Suites about unions whose members differ by subgraph, and about types that differ."""

from tests.support.federation_audit.suite import Asked, Suite, fed2

_MEDIA = {
    "a": fed2(
        "type Query { media: Media @shareable novel: Media @shareable viewer: Viewer @shareable song: Media } union Media = Novel | Song union ViewerMedia = Novel | Song "
        'type Novel @key(fields: "id") { id: ID! title: String! @shareable aTitle: String } type Song @key(fields: "id") { title: String! @shareable aTitle: String id: ID! } '
        "type Viewer { media: ViewerMedia @shareable novel: Novel @shareable song: ViewerMedia }"
    ),
    "b": fed2(
        "type Query { media: Media @shareable novel: Novel @shareable viewer: Viewer @shareable } union Media = Novel | Film union ViewerMedia = Novel | Film "
        'type Novel @key(fields: "id") { id: ID! title: String! @shareable bTitle: String } type Film @key(fields: "id") { id: ID! title: String! @shareable bTitle: String } '
        "type Viewer { media: ViewerMedia @shareable novel: ViewerMedia @shareable }"
    ),
}

_BOXES = {
    "a": fed2(
        'type Query { boxA: Box } type Box @key(fields: "id") { id: ID! wrap: Wrap @shareable } type Wrap @shareable { acts: [Act!]! } union Act = Both | OnlyX type Both @shareable { id: ID! } type OnlyX { x: Int }'
    ),
    "b": fed2(
        'type Query { boxB: Box } type Box @key(fields: "id") { id: ID! wrap: Wrap @shareable yWrap: Wrap } type Wrap @shareable { acts: [Act!]! } union Act = Both | OnlyY type Both @shareable { id: ID! } type OnlyY { y: Int }'
    ),
}

UNIONS = (
    Suite(
        "child-type-mismatch",
        {
            "a": fed2("type Query { users: [Member!]! } type Member { id: ID @shareable }"),
            "b": fed2(
                'type Query { accounts: [Account!]! } union Account = Member | Staff type Member @key(fields: "id") { id: ID! @shareable name: String similar: [Account!]! } type Staff { id: ID name: String similar: [Account!]! }'
            ),
        },
        (
            "{ users { id name } }",
            "{ accounts { ... on Member { id name similar { ... on Member { id name } ... on Staff { id } } } ... on Staff { id name similar { ... on Staff { id } ... on Member { id similar { ... on Staff { id } ... on Member { id } } } } } } }",
            "{ users { id name similar { ... on Member { id } ... on Staff { id } } } accounts { ... on Staff { id } ... on Member { id } } }",
        ),
    ),
    Suite(
        "union-intersection",
        _MEDIA,
        (
            "{ media { ... on Novel { title } } }",
            "{ novel { ... on Novel { title } } }",
            "{ novel { ... on Novel { aTitle bTitle } } }",
            "{ media { __typename ... on Novel { aTitle bTitle } } }",
            Asked("{ song { ... on Song { title aTitle } } }", 1),
            "{ viewer { media { ... on Novel { title } } novel { ... on Novel { title aTitle bTitle } } } }",
            "{ viewer { song { ... on Song { title } ... on Novel { bTitle } } } }",
            "{ viewer { song { __typename ... on Film { title } ... on Song { aTitle } } } }",
        ),
    ),
    Suite(
        "partial-union",
        {
            "a": fed2(
                "type Query { root: Root } type Root @shareable { any: Any } union Any = P | Q | R type P @shareable { p: Int } type Q { q: Int } type R { r: Int }"
            ),
            "b": fed2(
                "type Query { other: Int } type Root @shareable { any: Any } union Any = P type P @shareable { p: Int }"
            ),
        },
        (
            "{ root { any { __typename ... on P { p } ... on Q { q } ... on R { r } } } }",
            Asked("{ root { any { ... on Q { q } } } }", 1),
        ),
    ),
    Suite(
        "partial-union-complex",
        _BOXES,
        (
            "{ boxA { wrap { acts { ... on Both { id } } } } }",
            "{ boxB { yWrap { acts { __typename ... on Both { id } ... on OnlyY { y } } } } }",
            "{ boxA { yWrap { acts { ... on Both { id } ... on OnlyY { y } } } } }",
        ),
    ),
)
