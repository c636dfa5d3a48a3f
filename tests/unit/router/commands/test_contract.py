"""`router contract`: from a supergraph or a configuration, to a supergraph, an API schema or JSON."""

import io
import json
import sys

import pytest

from router import compose
from router.__main__ import main

SDL = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag"])\n'
    'type Query { a: Int b: T @tag(name: "internal") } type T { t: Int }'
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    supergraph = compose({"a": SDL}).supergraph_sdl
    assert supergraph is not None
    (tmp_path / "supergraph.graphql").write_text(supergraph)
    (tmp_path / "a.graphql").write_text(SDL)
    (tmp_path / "s.yaml").write_text("subgraphs: {a: {routing_url: 'http://a', schema: {file: a.graphql}}}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def contract(folder, capsys):
    """Run the command; gives exit code, standard output and standard error."""

    def run(*flags):
        code = main(["contract", *flags])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_the_filtered_supergraph_is_printed(contract):
    code, out, err = contract("-s", "supergraph.graphql", "--exclude", "internal")
    assert (code, err) == (0, "")
    assert "b: T @inaccessible" in out


def test_a_configuration_is_composed_first(contract):
    flags = ("-c", "s.yaml", "--exclude-tag", "internal", "--hide-unreachable-types", "--api")
    assert contract(*flags) == (0, "type Query {\n  a: Int\n}\n", "")


def test_a_supergraph_can_come_from_standard_input(contract, folder, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO((folder / "supergraph.graphql").read_text()))
    code, out, _ = contract("-s", "-", "--exclude", "internal", "--api", "-o", "-")
    assert (code, out.startswith("type Query {\n  a: Int\n}")) == (0, True)


def test_json_has_both_schemas(contract, folder):
    code, out, _ = contract("-c", "s.yaml", "--exclude", "internal", "--format", "json", "-o", "out.json")
    data = json.loads((folder / "out.json").read_text())["data"]
    assert (code, out) == (0, "")
    assert "b: T @inaccessible" in data["core_schema"]
    assert data["api_schema"] == "type Query {\n  a: Int\n}\n\ntype T {\n  t: Int\n}"


@pytest.mark.parametrize("flags", [(), ("--format", "json")])
def test_a_contract_with_nothing_in_it_is_1(contract, flags):
    code, out, err = contract("-s", "supergraph.graphql", "--include", "public", *flags)
    assert code == 1
    assert "ONLY_INACCESSIBLE_CHILDREN" in out + err
    assert "no tag of" in out + err


def test_subgraphs_that_do_not_compose_have_no_contracts(contract, folder):
    (folder / "a.graphql").write_text("type Query { a: Missing }")
    code, _, err = contract("-c", "s.yaml", "--include", "public")
    assert (code, err.startswith("error[INVALID_GRAPHQL]")) == (1, True)


def test_what_is_no_supergraph_is_1(contract):
    code, _, err = contract("-s", "a.graphql", "--include", "public")
    assert (code, err.startswith("error: a.graphql: ")) == (1, True)


@pytest.mark.parametrize(
    "flags",
    [
        *([], ["-s", "supergraph.graphql"], ["--include", "a"]),
        ["-s", "supergraph.graphql", "-c", "s.yaml", "--include", "a"],
    ],
)
def test_a_wrong_call_is_2(contract, flags):
    with pytest.raises(SystemExit) as caught:
        contract(*flags)
    assert caught.value.code == 2
