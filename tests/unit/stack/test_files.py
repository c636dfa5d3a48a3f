"""The files beside the code that name the same things again: they must agree."""

import re
from typing import Any

import yaml

from stack.settings import ROOT, SUBGRAPHS

_COMPOSE = (ROOT / "docker-compose.yml").read_text()


def read_services() -> dict[str, Any]:
    """The services that start unless told otherwise: those of a profile do not."""
    services = yaml.safe_load(_COMPOSE)["services"]
    return {name: service for name, service in services.items() if "profiles" not in service}


def test_the_supergraph_file_names_the_subgraphs_and_their_default_ports() -> None:
    subgraphs = yaml.safe_load((ROOT / "supergraph.yaml").read_text())["subgraphs"]

    assert {name: given["routing_url"] for name, given in subgraphs.items()} == {
        name: f"${{env.{name.upper()}_URL:-http://127.0.0.1:{port}}}/graphql"
        for name, port in SUBGRAPHS.items()
    }
    assert {name: given["schema"]["file"] for name, given in subgraphs.items()} == {
        name: f"subgraphs/{name}/schema.graphql" for name in SUBGRAPHS
    }


def test_each_container_of_a_subgraph_has_its_own_database_and_its_own_url() -> None:
    services = read_services()

    assert set(services) == {"router", *SUBGRAPHS, *(f"{name}-db" for name in SUBGRAPHS)}
    for name, port in SUBGRAPHS.items():
        environment = services[name]["environment"]
        urls = {variable for variable in environment if variable.endswith("_DATABASE_URL")}
        assert urls == {f"{name.upper()}_DATABASE_URL"}
        assert environment[f"{name.upper()}_URL"] == f"http://{name}:{port}"
        assert set(services[name]["depends_on"]) == {f"{name}-db"}


def test_only_the_router_is_published_and_it_reaches_no_database() -> None:
    services = read_services()

    assert [name for name, service in services.items() if "ports" in service] == ["router"]
    assert services["router"]["networks"] == ["subgraphs"]
    assert "JWT_SIGNING_KEY" not in services["router"]["environment"]


def test_every_variable_of_the_containers_is_in_the_example() -> None:
    example = set(re.findall(r"^#? ?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    variables = set(re.findall(r"\$\{(\w+)", _COMPOSE))

    assert variables <= example


def test_every_dependency_is_pinned() -> None:
    pins = (ROOT / "constraints.txt").read_text().splitlines()

    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
