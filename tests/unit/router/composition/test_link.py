"""`@link`: which federation a subgraph speaks, and under which names."""

import pytest

from tests.unit.router.composition.composing import codes, compose_federation_1, supergraph

URL = "https://specs.apollo.dev/federation"


def linked(arguments, body="type Query { a: Int }"):
    return f"extend schema @link({arguments}) {body}"


@pytest.mark.parametrize(
    ("arguments", "use"),
    [
        ('import: ["@key"]', '@key(fields: "id")'),
        ("", '@federation__key(fields: "id")'),
        ('as: "fed"', '@fed__key(fields: "id")'),
        ('import: [{name: "@key", as: "@entity"}]', '@entity(fields: "id")'),
    ],
)
def test_a_directive_is_known_by_the_name_that_the_link_gives_it(arguments, use):
    body = f"type Query {{ u: User }} type User {use} {{ id: ID! }}"
    sdl = supergraph(a=linked(f'url: "{URL}/v2.3", {arguments}', body))
    assert '@join__type(graph: A, key: "id")' in sdl


@pytest.mark.parametrize("version", ["v2.0", "v2.9", "v2.14"])
def test_a_known_version_is_accepted(version):
    assert codes(a=linked(f'url: "{URL}/{version}"')) == []


@pytest.mark.parametrize("version", ["v1.0", "v2.99", "v3.0"])
def test_an_unknown_version_is_refused(version):
    assert codes(a=linked(f'url: "{URL}/{version}"')) == ["UNKNOWN_FEDERATION_LINK_VERSION"]


@pytest.mark.parametrize(
    "url", ["https://a.dev", "https://a.dev/spec", "https://a.dev/v1.0", "https://a.dev/spec/v1"]
)
def test_a_url_without_name_or_version_is_refused(url):
    assert codes(a=f'extend schema @link(url: "{URL}/v2.9") @link(url: "{url}") type Query {{ a: Int }}') == [
        "INVALID_LINK_IDENTIFIER"
    ]


@pytest.mark.parametrize(
    "imports",
    [
        "1",
        "[1]",
        '["key"]',
        '["@nothing"]',
        '["@"]',
        '[{as: "@k"}]',
        '[{name: "@key", as: "k"}]',
        '[{name: "@key", as: 1}]',
        '[{name: "@key", why: "@k"}]',
        '[{name: "@key", as: "@a"}, {name: "@key", as: "@b"}]',
        '[{name: "@key", as: "@x"}, {name: "@tag", as: "@x"}]',
    ],
)
def test_a_wrong_import_is_refused(imports):
    found = codes(a=linked(f'url: "{URL}/v2.9", import: {imports}'))
    assert set(found) == {"INVALID_LINK_DIRECTIVE_USAGE"}


def test_one_spec_is_linked_once():
    link = f'@link(url: "{URL}/v2.9")'
    assert "INVALID_LINK_DIRECTIVE_USAGE" in codes(a=f"extend schema {link} {link} type Query {{ a: Int }}")


def test_a_directive_of_a_later_version_is_unknown_and_the_message_tells_the_version():
    error = compose_federation_1(
        a=linked(f'url: "{URL}/v2.4", import: ["@key"]', "type Query { a: Int @authenticated }")
    ).errors[0]
    assert error.code == "INVALID_GRAPHQL"
    assert "since federation v2.5" in error.message


def test_a_directive_that_is_not_imported_is_unknown_and_the_message_tells_its_name():
    error = compose_federation_1(a=linked(f'url: "{URL}/v2.4"', "type Query { a: Int @shareable }")).errors[0]
    assert "@federation__shareable" in error.message
