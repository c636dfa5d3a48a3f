"""Situations of `@requires`, and of many fields that several subgraphs share."""

from tests.support.federation_situations import Situation

_COVER_ROOT = 'type Query { i: T } type T @key(fields: "id") { id: ID! }'


def _cover(leaves: int, graphs: int, each: int) -> dict[str, str]:
    subgraphs = {"a": _COVER_ROOT}
    for graph in range(graphs):
        names = [
            leaf
            for leaf in range(leaves)
            if any((leaf * 7 + k * 5 + leaf // 3) % graphs == graph for k in range(each))
        ]
        fields = " ".join(f"f{leaf}: Int @shareable" for leaf in names)
        subgraphs[f"g{graph}"] = f'type T @key(fields: "id") {{ id: ID! {fields} }}'
    return subgraphs


REQUIRES = [
    Situation(
        "S12 inputs ride with the key",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! w: Int h: Int }',
            "b": 'type T @key(fields: "id") { id: ID! w: Int @external h: Int @external ship: Int @requires(fields: "w h") }',
        },
        "{ i { ship } }",
        2,
        2,
    ),
    Situation(
        "S13 back into its own subgraph",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! cost: Int @external tax: Int @requires(fields: "cost") }',
            "b": 'type T @key(fields: "id") { id: ID! cost: Int }',
        },
        "{ i { tax } }",
        3,
        3,
    ),
    Situation(
        "S14 a chain of requirements",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! base: Int l2: Int @external l3: Int @requires(fields: "l2") }',
            "b": 'type T @key(fields: "id") { id: ID! base: Int @external l2: Int @requires(fields: "base") }',
        },
        "{ i { base l2 l3 } }",
        3,
        3,
    ),
    Situation(
        "S15 equal requirements share a fetch",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
            "c": 'type T @key(fields: "id") { id: ID! x: Int @external r1: Int @requires(fields: "x") r2: Int @requires(fields: "x") }',
        },
        "{ i { r1 r2 } }",
        3,
        3,
    ),
    Situation(
        "S16 a plain field rides with the later fetch",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
            "c": 'type T @key(fields: "id") { id: ID! x: Int @external n: Int r: Int @requires(fields: "x") }',
        },
        "{ i { n r } }",
        3,
        3,
    ),
    Situation(
        "S17 a diamond",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") @key(fields: "id2") { id: ID! id2: ID! }',
            "c": 'type T @key(fields: "id") { id: ID! v3: Int }',
            "d": 'type T @key(fields: "id2") { id2: ID! v3: Int @external r: Int @requires(fields: "v3") }',
        },
        "{ i { r } }",
        4,
        3,
    ),
    Situation(
        "S18 one field with two arguments",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! cost(cur: String!): Int }',
            "c": 'type T @key(fields: "id") { id: ID! cost(cur: String!): Int @external eu: Int @requires(fields: "cost(cur: \\"EUR\\")") us: Int @requires(fields: "cost(cur: \\"USD\\")") }',
        },
        "{ i { eu us } }",
        3,
        3,
    ),
    Situation(
        "S19 a requirement below an entity",
        {
            "a": 'type Query { i: Book } type Book @key(fields: "id") { id: ID! }',
            "b": 'type Book @key(fields: "id") { id: ID! author: Author novice: Boolean @requires(fields: "author { years }") } type Author @key(fields: "id") { id: ID! years: Int @external }',
            "c": 'type Author @key(fields: "id") { id: ID! years: Int }',
        },
        "{ i { novice } }",
        4,
        4,
    ),
    Situation(
        "S45 a key that only the subgraph itself knows",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! x: Int }',
            "b": 'type T @key(fields: "id") @key(fields: "id2") { id: ID! id2: ID! }',
            "c": 'type T @key(fields: "id2") { id2: ID! y: Int @external r: Int @requires(fields: "y") }',
            "d": 'type T @key(fields: "id2") { id2: ID! y: Int }',
        },
        "{ i { r } }",
        4,
        4,
    ),
    Situation(
        "S59 a requirement from three subgraphs",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! x: Int @external y: Int @external z: Int @external f: Int @requires(fields: "x y z") }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
            "c": 'type T @key(fields: "id") { id: ID! y: Int }',
            "d": 'type T @key(fields: "id") { id: ID! z: Int }',
        },
        "{ i { f } }",
        5,
        3,
    ),
    Situation(
        "S61 a requirement on a nested entity of the root's subgraph",
        {
            "a": 'type Query { o: O } type O { t: T } type T @key(fields: "id") { id: ID! x: Int @external f: Int @requires(fields: "x") }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
        },
        "{ o { t { f } } }",
        3,
        3,
    ),
    Situation(
        "S64 a conditional requirement",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! n: Int }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
            "c": 'type T @key(fields: "id") { id: ID! x: Int @external r: Int @requires(fields: "x") }',
        },
        "query ($c: Boolean!) { i { n r @include(if: $c) } }",
        3,
        3,
        {"c": True},
    ),
    Situation(
        "S71 two requirements into one list",
        {
            "a": 'type Query { i: T } type T @key(fields: "id") { id: ID! ln: [Line!]! } type Line { x: Int y: Int z: Int }',
            "b": 'type T @key(fields: "id") { id: ID! ln: [Line!]! @external r1: Int @requires(fields: "ln { x }") r2: Int @requires(fields: "ln { y }") } type Line { x: Int @external y: Int @external }',
        },
        "{ i { r1 r2 ln { z } } }",
        2,
        2,
    ),
    Situation(
        "S74 a required field that the path provides",
        {
            "a": 'type Query { top: T @provides(fields: "w") } type T @key(fields: "id") { id: ID! w: Int @external }',
            "b": 'type T @key(fields: "id") { id: ID! w: Int @shareable }',
            "c": 'type T @key(fields: "id") { id: ID! w: Int @external r: Int @requires(fields: "w") }',
        },
        "{ top { r } }",
        2,
        2,
    ),
    Situation(
        "a fetch that nothing waits for rides with a later one to its subgraph",
        {
            "a": 'type Query { x: T } type T @key(fields: "id") { id: ID! n: Int @external r: Int @requires(fields: "n") }',
            "b": 'type Query { y: T } type T @key(fields: "id") { id: ID! n: Int }',
        },
        "{ x { r } y { r } }",
        4,
        3,
    ),
    Situation(
        "C10 ten fields, six subgraphs",
        _cover(10, 6, 3),
        "{ i { " + " ".join(f"f{n}" for n in range(10)) + " } }",
        3,
        2,
    ),
    Situation(
        "C14 fourteen fields, eight subgraphs",
        _cover(14, 8, 3),
        "{ i { " + " ".join(f"f{n}" for n in range(14)) + " } }",
        4,
        2,
    ),
]
