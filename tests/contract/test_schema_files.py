"""The committed schemas are what the code exports: a change of the API is a diff that somebody reviews."""

import subprocess
import sys
from pathlib import Path

import pytest
from graphql import ObjectTypeDefinitionNode, parse

from router import Supergraph, compose
from router.config.supergraph_yaml import read_supergraph_config
from router.picture import draw_supergraph

ROOT = Path(__file__).parents[2]
SUBGRAPHS = ("auth", "orders", "payments", "products", "users")


@pytest.mark.parametrize("name", SUBGRAPHS)
def test_the_committed_schema_is_what_the_subgraph_exports(name: str) -> None:
    exported = subprocess.run(
        [sys.executable, "-m", f"subgraphs.{name}", "export-schema"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    committed = (ROOT / "subgraphs" / name / "schema.graphql").read_text()
    assert committed == exported, (
        f"run `make schema` and review the change of subgraphs/{name}/schema.graphql"
    )


@pytest.mark.parametrize("name", SUBGRAPHS)
def test_every_root_field_says_what_it_does(name: str) -> None:
    document = parse((ROOT / "subgraphs" / name / "schema.graphql").read_text())
    roots = [
        definition
        for definition in document.definitions
        if isinstance(definition, ObjectTypeDefinitionNode)
        and definition.name.value in {"Query", "Mutation", "Subscription"}
    ]
    silent = {field.name.value for root in roots for field in root.fields if field.description is None}
    assert silent == {"_entities", "_service"}


def test_the_five_subgraphs_compose_to_the_reviewed_supergraph() -> None:
    composition = compose(read_supergraph_config(ROOT / "supergraph.yaml").subgraphs)
    assert composition.errors == ()
    golden = (Path(__file__).parent / "golden" / "supergraph.graphql").read_text()
    assert composition.supergraph_sdl == golden, "run `make schema` and review the change of the supergraph"


def test_the_picture_shows_the_reviewed_supergraph() -> None:
    golden = Supergraph.read((Path(__file__).parent / "golden" / "supergraph.graphql").read_text())

    assert (ROOT / "docs" / "supergraph.svg").read_text() == draw_supergraph(golden), "run `make schema`"
