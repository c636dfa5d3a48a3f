"""How large an operation is, as Apollo Router counts."""

import pytest
from graphql import get_operation_ast, parse

from router.policy.limits import find_excesses
from router.policy.options import LimitOptions


def sizes(text):
    """The greatest limits that are still exceeded, plus one: depth, height, root fields, aliases."""
    document = parse(text)
    operation = get_operation_ast(document)

    def size(name):
        return next(
            n for n in range(100) if not find_excesses(document, operation, LimitOptions(**{name: n}))
        )

    return tuple(size(name) for name in ("max_depth", "max_height", "max_root_fields", "max_aliases"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a }", (1, 1, 1, 0)),
        ("{ a { b { c } } }", (3, 3, 1, 0)),
        ("{ a { b c } d { b c } }", (2, 6, 2, 0)),
        ("{ x: a { b } y: a { b c } }", (2, 3, 2, 2)),
        ("{ ... on Query { a } ... { b: a } }", (1, 1, 2, 1)),
        ("{ a { ...F ...F } } fragment F on A { x: b y: c { d } }", (3, 4, 1, 4)),
        ("{ ...F } fragment F on Query { ...G b } fragment G on Query { a { c } }", (2, 3, 2, 0)),
    ],
)
def test_sizes(text, expected):
    assert sizes(text) == expected


def test_each_exceeded_limit_is_told_with_apollos_code():
    document = parse("{ x: a { b } c }")
    found = find_excesses(document, get_operation_ast(document), LimitOptions(1, 1, 1, 1, 1, 1, 0))

    assert [each.code for each in found] == [
        "MAX_DEPTH_LIMIT",
        "MAX_HEIGHT_LIMIT",
        "MAX_ROOT_FIELDS_LIMIT",
        "MAX_ALIASES_LIMIT",
    ]
    assert found[1].message == "Maximum height (field count) limit exceeded in this operation"


def test_a_fragment_bomb_is_measured_at_once():
    bomb = "".join(
        f"fragment F{i} on A {{ a {{ ...F{i + 1} ...F{i + 1} }} b: a {{ ...F{i + 1} }} }}" for i in range(60)
    )
    document = parse(f"{{ ...F0 }} {bomb} fragment F60 on A {{ x: y }}")
    limits = LimitOptions(max_aliases=1000, max_height=1000, max_depth=1000)

    found = find_excesses(document, get_operation_ast(document), limits)
    assert [each.code for each in found] == ["MAX_ALIASES_LIMIT"]


def is_repeated(text, times):
    document = parse(text)
    found = find_excesses(document, get_operation_ast(document), LimitOptions(max_repeats=times))
    return [each.code for each in found] == ["MAX_REPEATS_LIMIT"]


@pytest.mark.parametrize(
    "text",
    [
        "{ a a a }",
        "{ x: a y: a z: a }",
        "{ a ... { a } ... on Query { a } }",
        "{ ...F ...G a } fragment F on Query { a } fragment G on Query { b: a }",
        "{ f(x: 1) y: f(x: 1) z: f(x: 1) }",
        "{ o { a } p: o { a } q: o { a } }",
        "{ o { a b: a } p: o { c: a } }",
        "{ f(x: $v) y: f(x: $v) z: f(x: $v) }",
    ],
)
def test_one_value_is_asked_for_three_times_whatever_its_names(text):
    assert not is_repeated(text, 3)
    assert is_repeated(text, 2)


@pytest.mark.parametrize(
    "text",
    [
        "{ a b c }",
        "{ x: f(x: 1) y: f(x: 2) z: f(x: 3) }",
        "{ o { a } p { a } q { a } }",
        "{ x: o(i: 1) { a } y: o(i: 2) { a } }",
        "{ ...F ...F ...F } fragment F on Query { a }",
    ],
)
def test_different_values_are_no_repeats(text):
    assert not is_repeated(text, 1)


def test_who_makes_the_count_of_repeats_long_is_refused():
    bomb = "".join(
        f"fragment F{i} on A {{ x: a(i: 1) {{ ...F{i + 1} ...G{i + 1} }} y: a(i: 2) {{ ...F{i + 1} }} }} "
        f"fragment G{i} on A {{ z: a(i: 1) {{ ...G{i + 1} }} w: a(i: 3) {{ ...F{i + 1} ...G{i + 1} }} }} "
        for i in range(40)
    )
    text = f"{{ ...F0 ...G0 }} {bomb} fragment F40 on A {{ b }} fragment G40 on A {{ c }}"
    document = parse(text)
    # It ends, which is the point; equal places are looked at once.
    find_excesses(document, get_operation_ast(document), LimitOptions(max_repeats=100))
    wide = "{ " + " ".join(f"f(x: {i})" for i in range(60_000)) + " }"
    assert is_repeated(wide, 100)
