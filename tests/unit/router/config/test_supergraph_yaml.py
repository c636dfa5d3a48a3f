"""`supergraph.yaml`: Rover's list of subgraphs."""

import threading

import pytest

from router.config.problems import ConfigurationError
from router.config.supergraph_yaml import find_schema_files, read_supergraph_config
from tests.support.schema_server import federated, send, serving


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


@pytest.mark.parametrize("version", ["2", "=2.9.0", "2.9.0", "=2.13", "latest-2"])
def test_a_version_of_federation_2_is_kept(tmp_path, version):
    text = f"federation_version: {version}\nsubgraphs: {{a: {{schema: {{sdl: x}}}}}}"
    config = read_supergraph_config(write(tmp_path, text), environment={})
    assert config.federation_version == version


@pytest.mark.parametrize("version", ["1", "=0.36.0", "3", "=2", "newest"])
def test_what_is_no_version_of_federation_2_is_refused(tmp_path, version):
    text = f"federation_version: {version}\nsubgraphs: {{a: {{schema: {{sdl: x}}}}}}"
    assert "federation_version must be 2" in problems(tmp_path, text)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ("{fil: a}", 'schema.fil is not known. Did you mean \\"file\\"?'),
        ("{graphref: g@current, subgraph: a}", "needs Apollo GraphOS"),
        ("{sdl: x, introspection_headers: {a: b}}", "introspection_headers is for subgraph_url only"),
        ("{subgraph_url: 'http://a', introspection_headers: {'a b': c}}", "no header that can be sent"),
        ('{subgraph_url: "http://a", introspection_headers: {a: "b\\nc"}}', "no header that can be sent"),
        ("{subgraph_url: 'http://a', introspection_headers: [a]}", "introspection_headers must be a mapping"),
    ],
)
def test_what_is_wrong_with_a_schema_is_told(tmp_path, schema, told):
    told_all = problems(tmp_path, f"subgraphs: {{a: {{routing_url: u, schema: {schema}}}}}")
    assert told.replace("\\", "") in told_all.replace("\\", "")


def test_running_subgraphs_are_asked_all_at_once(tmp_path):
    count = 4
    together = threading.Barrier(count, timeout=10)

    def answer(handler, _query):
        together.wait()
        send(handler, b'{"data":{"_service":{"sdl":"type Query { a: Int }"}}}')

    with serving(answer) as server:
        entries = "".join(
            f"  s{n}: {{schema: {{subgraph_url: '{server.url}', introspection_headers: {{x: '${{env.X}}'}}}}}}\n"
            for n in range(count)
        )
        config = read_supergraph_config(
            write(tmp_path, f"subgraphs:\n{entries}"), environment={"X": "secret"}
        )

    assert [(each.name, each.url, each.file) for each in config.subgraphs] == [
        (f"s{n}", server.url, server.url) for n in range(count)
    ]
    assert {each.sdl for each in config.subgraphs} == {"type Query { a: Int }"}
    assert [headers["x"] for _, headers in server.asked] == ["secret"] * count


def test_all_subgraphs_that_do_not_answer_are_told(tmp_path):
    entry = "{schema: {subgraph_url: 'http://127.0.0.1:1'}}"
    told = problems(tmp_path, f"subgraphs: {{a: {entry}, b: {entry}}}")
    assert "subgraphs.a.schema.subgraph_url does not answer: Connection refused" in told
    assert "subgraphs.b.schema.subgraph_url does not answer: Connection refused" in told


def test_subgraphs_are_not_asked_when_the_file_is_wrong(tmp_path):
    with serving(federated("type Query { a: Int }")) as server:
        problems(tmp_path, f"subgraph: 1\nsubgraphs: {{a: {{schema: {{subgraph_url: '{server.url}'}}}}}}")
    assert server.asked == []


def test_a_subgraph_without_an_address_is_warned_of(tmp_path):
    path = write(tmp_path, "subgraphs: {a: {schema: {sdl: x}}}")
    (warning,) = read_supergraph_config(path, environment={}).warnings
    assert warning.startswith(f"{path}: subgraphs.a.routing_url is missing")


def test_the_schema_files_of_a_list_are_known(tmp_path):
    (tmp_path / "a.graphql").write_text("type Query { a: Int }")
    path = write(
        tmp_path,
        "subgraphs: {a: {schema: {file: a.graphql}}, b: {schema: {subgraph_url: 'http://127.0.0.1:1'}}}",
    )
    assert find_schema_files(path) == [tmp_path / "a.graphql"]
