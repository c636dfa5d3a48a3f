"""The public names, and the page that explains them: its examples run and print what it shows."""

import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import router
from router import Composition, Contract, Location, Supergraph, compose, contract

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "python-api.md").read_text()
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> Iterator[tuple[str, str]]:
    """Each block of code with the output that the page shows after it, or with nothing."""
    blocks = [(found[1], found[2]) for found in _BLOCK.finditer(PAGE)]
    for (language, text), (next_language, shown) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language == "python":
            yield text, shown if next_language != "python" else ""


def test_the_examples_print_what_the_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    for code, shown in examples():
        printed = StringIO()
        with redirect_stdout(printed):
            exec(code, names)  # noqa: S102 -- our own page

        assert printed.getvalue() == shown, code


def test_every_public_name_is_there_and_told_of() -> None:
    for name in router.__all__:
        assert getattr(router, name) is not None
        assert name in PAGE or name.startswith("__"), f"docs/python-api.md does not tell of {name}"


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="nothing_such"):
        router.nothing_such  # noqa: B018 -- it is asked for


LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag", "@shareable"])\n'
TAGGED = LINK + 'type Query { a: Int b: Int @tag(name: "x") }'


def test_what_compose_gives_has_the_public_types() -> None:
    good = compose({"a": TAGGED})
    bad = compose({"a": "type Query { a: Nothing }"})

    assert isinstance(good, Composition)
    assert isinstance(contract(good, include=["x"]), Contract)
    (error,) = bad.errors
    assert isinstance(error, router.CompositionError)
    assert error.locations == (Location("a", "a", 1, 17),)
    assert (bad.supergraph_sdl, bad.api_sdl, bad.hints) == (None, None, ())


def test_compose_takes_names_sources_and_configurations() -> None:
    sources = [router.SubgraphSource("a", "", TAGGED)]
    given: list[Any] = [{"a": TAGGED}, sources, iter(sources), router.SupergraphConfig(tuple(sources))]

    assert {compose(each).supergraph_sdl for each in given} == {compose({"a": TAGGED}).supergraph_sdl}


@pytest.mark.parametrize(
    ("subgraphs", "told"),
    [
        ({"a": b"type Query { a: Int }"}, "SDL of a subgraph is a string, not bytes: 'a'"),
        ({"a": None}, "not NoneType"),
        ({1: "type Query { a: Int }"}, "name of a subgraph is a string, not int"),
        ("type Query { a: Int }", "SubgraphSource, or its SDL by name, not str"),
        ([("a", "type Query { a: Int }")], "not tuple"),
    ],
)
def test_what_is_no_text_is_a_callers_mistake(subgraphs: Any, told: str) -> None:
    with pytest.raises(TypeError, match=re.escape(told)):
        compose(subgraphs)


def test_two_subgraphs_of_one_name_are_named() -> None:
    source = router.SubgraphSource("a", "", TAGGED)
    with pytest.raises(ValueError, match='"a" is given twice'):
        compose([source, source])


@pytest.mark.parametrize(
    "sdl",
    [
        *("", "\x00", "\ud800", "type Query { a: Int ", "{ a }", "type", '"""', "extend schema @link"),
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{name: 1}]) type Query { a: Int }',
        "type Query { a: " + "[" * 300 + "Int" + "]" * 300 + " }",
        "type Query { a(b: Int = " + "[" * 300 + "]" * 300 + "): Int }",
        'type Query { a: A } type A @key(fields: "' + "a { " * 300 + "b" + " }" * 300 + '") { a: A b: Int }',
    ],
)
def test_nothing_is_raised_for_what_is_in_an_sdl(sdl: str) -> None:
    for subgraphs in ({"a": sdl}, {"a": sdl, "b": TAGGED}, {"a": LINK + sdl}):
        composition = compose(subgraphs)
        assert (composition.supergraph_sdl is None) == bool(composition.errors)


def test_a_contract_of_a_failed_composition_has_its_errors() -> None:
    failed = compose({"a": "type Query"})

    assert failed.errors != ()
    assert contract(failed, include=["x"]).errors == failed.errors


def test_a_contract_is_the_same_from_a_composition_a_supergraph_and_its_text() -> None:
    composition = compose({"a": TAGGED})
    sdl = composition.supergraph_sdl
    assert sdl is not None

    made = [contract(each, include={"x"}) for each in (composition, Supergraph.read(sdl), sdl)]

    assert made[0].api_sdl == "type Query {\n  b: Int\n}"
    assert made == [made[0]] * 3


def test_a_tag_in_place_of_a_list_of_tags_is_a_callers_mistake() -> None:
    with pytest.raises(TypeError, match="Tags are given as a list"):
        contract("", include="public")


def test_a_contract_of_what_is_no_supergraph_is_refused() -> None:
    with pytest.raises(router.SupergraphError):
        contract("type Query { a: Int }", include=["x"])
