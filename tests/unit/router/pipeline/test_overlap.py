"""Fields that meet: what the quick look lets pass the library lets pass too, and it lets pass what people write."""

from random import Random

import pytest
from graphql import build_schema, parse, validate
from graphql.validation import OverlappingFieldsCanBeMergedRule

from router.pipeline import overlap
from router.pipeline.overlap import is_surely_mergeable
from router.pipeline.rules import RULES

SCHEMA = build_schema(
    """
    type Query { n: N ns: [N!] u: U a(x: Int, y: Int): A b: B }
    interface N { s: String i: Int n: N }
    type A implements N { s: String i: Int n: N only: String! l: [String] a(x: Int, y: Int): A }
    type B implements N { s: String i: Int n: N only: Int l: String a(x: Int, y: Int): A }
    union U = A | B
    """
)
FIELDS = {
    "Query": ["n", "ns", "u", "a(x: 1, y: 2)", "a(y: 2, x: 1)", "b"],
    "N": ["s", "i", "n"],
    "U": [],
    "A": ["s", "i", "n", "only", "a"],
    "B": ["s", "i", "n", "l", "a"],
}
RETURNED = {"n": "N", "ns": "N", "u": "U", "a": "A", "b": "B"}
NARROWER = {
    "Query": ["Query"],
    "N": ["N", "A", "B", "U"],
    "U": ["N", "A", "B"],
    "A": ["A", "N"],
    "B": ["B", "N"],
}
FRAGMENTS = {"FN": "N", "FA": "A", "FB": "B"}


def draw_selections(random, type_name, depth, spreads):
    drawn = ["__typename"] if random.random() < 0.2 or not FIELDS[type_name] else []
    for field in random.choices(FIELDS[type_name], k=random.randint(1, 3)) if FIELDS[type_name] else ():
        below = RETURNED.get(field.partition("(")[0])
        if below is None or depth:
            alias = random.choice(["s: ", "k: "]) if random.random() < 0.04 else ""
            inner = draw_selections(random, below, depth - 1, spreads) if below else ""
            drawn.append(f"{alias}{field} {inner}")
    if depth and random.random() < 0.6:
        narrower = random.choice(NARROWER[type_name])
        drawn.append(f"... on {narrower} {draw_selections(random, narrower, depth - 1, spreads)}")
    if random.random() < 0.3:
        drawn += [f"...{name}" for name in spreads if FRAGMENTS[name] in NARROWER[type_name]]
    return f"{{ {' '.join(drawn) or '__typename'} }}"


def draw_document(seed):
    random = Random(seed)  # noqa: S311 -- draws have to be the same each time
    names = list(FRAGMENTS)
    # A fragment spreads those after it, so there is no circle.
    fragments = [
        f"fragment {name} on {FRAGMENTS[name]} {draw_selections(random, FRAGMENTS[name], 1, names[i + 1 :])}"
        for i, name in enumerate(names)
    ]
    return " ".join([draw_selections(random, "Query", 2, names), *fragments])


def test_what_passes_has_no_conflict():
    passed = refused = 0
    for seed in range(400):
        document = parse(draw_document(seed))
        conflicts = validate(SCHEMA, document, [OverlappingFieldsCanBeMergedRule])
        if is_surely_mergeable(SCHEMA, document):
            passed += 1
            assert not conflicts, draw_document(seed)
        refused += bool(conflicts)
    # Both happen, or nothing was tried.
    assert passed > 50
    assert refused > 50


@pytest.mark.parametrize(
    "text",
    [
        "{ a(x: 1, y: 2) { s } a(y: 2, x: 1) { i } }",
        "{ u { ... on A { k: s } ... on B { k: l } } }",
        "{ n { ... on A { k: a(x: 1) { s } } ... on B { k: a(x: 2) { i } } } }",
        "{ n { ...F } ns { ...F } } fragment F on N { n { ... on A { s } } s }",
        "{ u { __typename ... on N { __typename } } __schema { types { name } } }",
    ],
)
def test_what_people_write_passes(text):
    assert is_surely_mergeable(SCHEMA, parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "{ k: n { s } k: u { ... on A { i } } }",
        "{ a(x: 1) { s } a(x: 2) { i } }",
        "{ u { ... on A { only } ... on B { only } } }",
        "{ n { k: s ... on A { k: i } } }",
        "{ n { unknown } }",
        "{ n { ...Missing } }",
        "{ n { ... on Missing { s } } }",
        "{ n }",
        "mutation { a }",
    ],
)
def test_all_else_is_left_to_the_library(text):
    assert not is_surely_mergeable(SCHEMA, parse(text))


def test_thousands_of_fields_that_meet_are_no_reason_to_refuse():
    met = " ".join(f"... on {name} {{ n {{ s i }} }}" for name in ("A", "B") * 1000)
    assert validate(SCHEMA, parse(f"{{ n {{ {met} }} }}"), RULES) == []


@pytest.mark.parametrize("is_used", [True, False])
def test_a_chain_of_fragments_is_followed_once(monkeypatch, is_used):
    length = 300
    monkeypatch.setattr(overlap, "COLLECTED_MAX", 3 * length)
    chain = [f"fragment F{i} on N {{ ...F{i + 1} }}" for i in range(length)]
    chain += [f"fragment F{length} on N {{ s }}", "{ n { ...F0 } }" if is_used else "{ n { s } }"]
    assert is_surely_mergeable(SCHEMA, parse(" ".join(chain)))
    # From the end it is followed anew for each fragment, which ends with the bound.
    assert is_surely_mergeable(SCHEMA, parse(" ".join(reversed(chain)))) is is_used


def test_a_value_is_shown_in_as_many_errors_as_there_is_room_for():
    """Each error shows the whole object: a thousand unknown fields would be shown a hundred times."""
    schema = build_schema("type Query { a(i: I): Int } input I { x: Int }")
    few = "{ a(i: {" + " ".join(f"x{i}: 1" for i in range(20)) + "}) }"
    assert len(validate(schema, parse(few), RULES)) == 20
    many = "{ a(i: {" + " ".join(f"x{i}: 1" for i in range(4_000)) + "}) b: a(i: {y: 1}) }"
    told = [error.message for error in validate(schema, parse(many), RULES)]
    assert ["unknown field 'x0'" in told[0], "unknown field 'y'" in told[1], len(told)] == [True, True, 2]
