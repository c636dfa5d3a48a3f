"""A whole check: which subgraph made a change, where it stands, and what is compared with what."""

import pytest

from router import Check, CheckError, Criticality, SubgraphSource, Supergraph, check, compose

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@shareable", "@inaccessible", "@override", "@external", "@requires"])\n'
)
ITEMS = f"""{LINK}type Query {{ items: [Item!]! }}
type Item @key(fields: "id") {{
  id: ID!
  name(short: Boolean): String!
  state: State @shareable
}}
enum State {{ NEW OLD }}
"""
STOCK = f"""{LINK}type Item @key(fields: "id") {{ id: ID! count: Int! state: State @shareable }}
enum State {{ NEW OLD }}
"""
OLD = {"items": ITEMS, "stock": STOCK}


def sources(**subgraphs):
    return [SubgraphSource(name, "", sdl, f"{name}.graphql") for name, sdl in (OLD | subgraphs).items()]


def published():
    return Supergraph.read(compose(OLD).supergraph_sdl)


def forms():
    return pytest.mark.parametrize("against", [OLD, compose(OLD), published(), published().sdl], ids=type)


@forms()
def test_no_change_is_safe(against):
    assert check(OLD, against=against).changes == ()
    assert check(OLD, against=against).subgraphs == ()
    assert check(OLD, against=against).is_safe


@forms()
def test_a_change_names_who_made_it_and_where(against):
    result = check(sources(stock=STOCK.replace("count: Int!", "")), against=against)
    (change,) = result.changes
    assert (change.criticality, change.coordinate, change.subgraphs) == (
        Criticality.BREAKING,
        "Item.count",
        ("stock",),
    )
    (place,) = change.locations
    assert (place.file, place.line, place.column) == ("stock.graphql", 2, 6), "the type that it was in"
    assert [(each.name, len(each.changes)) for each in result.subgraphs] == [("stock", 1)]


def test_an_argument_and_a_value_have_their_places():
    items = ITEMS.replace("short: Boolean", "short: Boolean!").replace("NEW OLD", "NEW OLD GONE")
    result = check(sources(items=items, stock=STOCK.replace("NEW OLD", "NEW OLD GONE")), against=OLD)
    found = {
        change.coordinate: [(place.file, place.line, place.column) for place in change.locations]
        for change in result.changes
    }
    assert found == {
        "Item.name(short:)": [("items.graphql", 5, 8)],
        "State.GONE": [("items.graphql", 8, 22), ("stock.graphql", 3, 22)],
    }


def test_breaking_changes_come_first():
    items = ITEMS.replace("name(short: Boolean): String!", "title: String")
    result = check(sources(items=items), against=OLD)
    assert [change.criticality.value for change in result.changes] == ["breaking", "safe"]


def test_a_field_that_moves_changes_subgraphs_and_not_the_graph():
    items = ITEMS.replace("  name", '  count: Int! @override(from: "stock")\n  name')
    result = check(sources(items=items, stock=STOCK.replace("count: Int!", "")), against=OLD)
    assert (result.changes, result.is_safe) == ((), True)
    assert [each.name for each in result.subgraphs] == ["items", "stock"]
    assert result.subgraphs[1].changes[0].criticality is Criticality.BREAKING


def test_what_becomes_inaccessible_is_gone_for_clients():
    result = check(sources(stock=STOCK.replace("count: Int!", "count: Int! @inaccessible")), against=OLD)
    (change,) = result.changes
    assert (change.kind.value, change.subgraphs) == ("FIELD_REMOVED", ("stock",))
    against_file = check(
        sources(stock=STOCK.replace("count: Int!", "count: Int! @inaccessible")), against=published()
    )
    assert against_file.changes[0].subgraphs == ("stock",)
    assert (change.locations[0].line, change.locations[0].column) == (2, 40), "it is still there"


def test_a_subgraph_comes_and_goes():
    more = {"more": f"{LINK}type Query {{ more: Int }}"}
    added = check(OLD | more, against=OLD)
    assert ([change.kind.value for change in added.changes], added.changes[0].subgraphs) == (
        ["FIELD_ADDED"],
        ("more",),
    )
    removed = check(OLD, against=OLD | more)
    assert (removed.changes[0].kind.value, removed.changes[0].subgraphs) == ("FIELD_REMOVED", ("more",))
    assert removed.changes[0].locations == ()


def test_with_the_subgraphs_on_both_sides_their_directives_are_compared_too():
    stock = STOCK.replace('@key(fields: "id")', '@key(fields: "id") @key(fields: "count")')
    result = check(OLD | {"stock": stock}, against=OLD)
    (subgraph,) = result.subgraphs
    assert [change.coordinate for change in subgraph.changes] == ["Item @key"]
    assert result.changes == ()


def test_subgraphs_that_do_not_compose_are_an_error_and_nothing_is_compared():
    result = check(OLD | {"stock": STOCK.replace("Int!", "Nothing")}, against=OLD)
    assert isinstance(result, Check)
    assert ([error.code for error in result.errors], result.changes) == (["INVALID_GRAPHQL"], ())
    assert not result.is_safe


def test_hints_are_passed_on():
    items = ITEMS.replace("items: [Item!]!", 'items: [Item!]! @override(from: "gone")')
    result = check(OLD | {"items": items}, against=OLD)
    assert [hint.code for hint in result.hints] == ["FROM_SUBGRAPH_DOES_NOT_EXIST"]
    assert result.is_safe


def test_what_is_published_must_compose():
    with pytest.raises(CheckError, match="does not compose: INVALID_GRAPHQL"):
        check(OLD, against={"a": "type Query { a: Nothing }"})


def test_a_schema_that_is_not_as_exported_is_stale():
    result = check(
        sources(), against=OLD, exported={"items": ITEMS.replace("name", "title"), "stock": STOCK + "\n\n"}
    )
    (stale,) = result.stale
    assert (stale.subgraph, stale.file, stale.line) == ("items", "items.graphql", 5)
    assert "-  name(short: Boolean): String!" in stale.difference
    assert "+  title(short: Boolean): String!" in stale.difference
    assert not result.is_safe


def test_ends_of_lines_make_nothing_stale():
    assert check(sources(), against=OLD, exported={"items": ITEMS.replace("\n", "\r\n")}).is_safe


def test_the_difference_is_cut_where_nobody_reads_on():
    (stale,) = check(sources(), against=OLD, exported={"items": "\n".join("x" * 1000)}).stale
    assert len(stale.difference) == 40


def test_a_federation_1_subgraph_that_extends_is_compared():
    old = {"a": 'type Query { a: A } type A @key(fields: "id") { id: ID! }'}
    more = 'extend type A @key(fields: "id") { id: ID! @external b: Int } extend type Query { c: Int }'
    result = check(old | {"b": more.replace("b: Int", "")}, against=old | {"b": more})
    assert [(change.coordinate, change.subgraphs) for change in result.changes] == [("A.b", ("b",))]
