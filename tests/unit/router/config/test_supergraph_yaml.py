"""`supergraph.yaml`: Rover's list of subgraphs."""

import pytest

from router.config.problems import ConfigurationError
from router.config.supergraph_yaml import read_supergraph_config


def write(folder, text):
    path = folder / "supergraph.yaml"
    path.write_text(text)
    return path


def problems(folder, text):
    with pytest.raises(ConfigurationError) as caught:
        read_supergraph_config(write(folder, text), environment={})
    return str(caught.value.problems)


def test_files_are_relative_to_the_list_and_variables_are_filled_in(tmp_path):
    (tmp_path / "users.graphql").write_text("type Query { a: Int }")
    config = read_supergraph_config(
        write(
            tmp_path,
            "federation_version: =2.9.0\n"
            "subgraphs:\n"
            "  users:\n    routing_url: ${env.USERS:-http://nowhere}/graphql\n    schema: {file: users.graphql}\n"
            "  posts:\n    routing_url: http://posts\n    schema: {sdl: 'type Query { b: Int }'}\n",
        ),
        environment={"USERS": "http://users"},
    )
    assert config.federation_version == "=2.9.0"
    assert [(source.name, source.url, source.sdl) for source in config.subgraphs] == [
        ("users", "http://users/graphql", "type Query { a: Int }"),
        ("posts", "http://posts", "type Query { b: Int }"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("subgraphs: {}", "name at least one"),
        ("subgraphs: {a: {routing_url: u, schema: {file: gone.graphql}}}", "cannot be read"),
        ("subgraphs: {a: {routing_url: u, schema: {}}}", "one of file, subgraph_url and sdl"),
        ("subgraphs: {a: {routing_url: u, schema: {sdl: x, file: y}}}", "one of file, subgraph_url and sdl"),
        ("subgraphs: {a: {routing_uri: u, schema: {sdl: x}}}", "routing_url"),
        ("subgraphs: {a: {schema: {subgraph_url: 'ftp://x'}}}", "http://"),
        ("subgraphs: [", "not YAML"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, text, told):
    assert told in problems(tmp_path, text)


def test_all_problems_are_told_at_once(tmp_path):
    text = "subgraphs: {a: {schema: {file: gone}}, b: {schema: {}}}"
    told = problems(tmp_path, text)
    assert "a" in told
    assert "cannot be read" in told
    assert "one of file" in told
