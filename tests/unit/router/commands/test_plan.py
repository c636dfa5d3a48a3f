"""`router plan`: the plan, or why there is none."""

import json

import pytest

from router.__main__ import main
from tests.support.federation_plans import Federation

_FEDERATION = Federation(
    {
        "a": 'type Query { knot: Knot item: Item } interface Knot @key(fields: "id") { id: ID! } type Item @key(fields: "id") { id: ID! }',
        "b": 'type Query { k: Knot } type Knot @interfaceObject @key(fields: "id", resolvable: false) { id: ID! extra: Int } type Item @key(fields: "id") { id: ID! p: Int }',
    }
)


@pytest.fixture
def plan(tmp_path, capsys):
    """Run the command on an operation; gives exit code, standard output and standard error."""
    path = tmp_path / "supergraph.graphql"
    path.write_text(_FEDERATION.composition.supergraph_sdl)

    def run(operation, *flags):
        code = main(["plan", "--supergraph", str(path), "--operation", operation, *flags])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_a_plan_is_printed(plan) -> None:
    code, text, errors = plan("{ item { p } }")
    assert (code, errors) == (0, "")
    assert text.startswith("QueryPlan {\n  Sequence {\n")
    _, written, _ = plan("{ item { p } }", "--format", "json")
    assert json.loads(written)["kind"] == "QueryPlan"


def test_what_cannot_be_answered_is_told_with_its_place_and_its_home(plan) -> None:
    code, text, errors = plan("{ one: knot { id extra } }")
    assert (code, text) == (1, "")
    assert 'error: Cannot plan field "Knot.extra" at "one": no subgraph in reach can resolve it\n' in errors
    assert "resolved by: b." in errors


def test_what_is_not_valid_is_told_with_its_line(plan) -> None:
    code, text, errors = plan("{ item {\n  missing } }")
    assert (code, text) == (1, "")
    assert "missing" in errors
    assert "2:3" in errors


def test_a_file_that_is_no_text_is_named(plan, tmp_path, capsys) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG")
    told = f"error: {picture} is no UTF-8 text: invalid start byte at byte 0\n"
    assert plan(str(picture)) == (1, "", told)
    ways = [["compose", "--config"], ["config", "validate"], ["plan", "--operation", "{a}", "--supergraph"]]
    for way in ways:
        assert main([*way, str(picture)]) == 1
        assert capsys.readouterr().err == told


def test_a_file_that_is_not_there_is_named(plan, capsys) -> None:
    told = "error: nowhere.graphql: No such file or directory\n"
    assert plan("nowhere.graphql") == (1, "", told)
    assert main(["compose", "--config", "nowhere.graphql"]) == 1
    assert capsys.readouterr().err == told
