"""DIRECTIVE_COMPOSITION_ERROR: what `@composeDirective` asks for can be done, by itself and beside what others ask."""

import pytest

from tests.unit.router.composition.composing import compose_subgraphs, hints, linked, supergraph

CODE = "DIRECTIVE_COMPOSITION_ERROR"
FOO = "directive @foo on FIELD_DEFINITION"


def asking(
    field: str,
    *,
    url: str = "https://x.dev/foo/v1.0",
    imports: str = '"@foo"',
    name: str = '"@foo"',
    definitions: str = FOO,
) -> str:
    """A subgraph that links a spec and asks for one of its directives; `name` empty asks for none."""
    request = f"@composeDirective(name: {name})" if name else ""
    return (
        linked(f'@link(url: "{url}", import: [{imports}]) {request}')
        + f"{definitions} type Query {{ {field} }}"
    )


def faults(**sdls: str) -> list[tuple[str, tuple[str, ...]]]:
    """Code and subgraphs of each error; all of them have places."""
    errors = compose_subgraphs(**sdls).errors
    assert all(error.locations for error in errors)
    return [(error.code, error.subgraphs) for error in errors]


@pytest.mark.parametrize(
    "name", ["null", '""', '"foo"', '"@fooo"', '"@key"', '"@link"', '"@cost"', '"@skip"']
)
def test_a_request_has_to_name_a_directive_of_another_spec(name: str) -> None:
    assert faults(a=asking("a: Int", name=name)) == [(CODE, ("a",))]
    assert faults(a=asking("a: Int")) == []


def test_a_directive_without_a_link_is_not_composed() -> None:
    sdl = linked('@composeDirective(name: "@foo")') + f"{FOO} type Query {{ a: Int @foo }}"
    assert faults(a=sdl) == [(CODE, ("a",))]


def test_a_renamed_import_is_named_as_in_the_subgraph() -> None:
    renamed = '{name: "@foo", as: "@bar"}'
    bar = "directive @bar on FIELD_DEFINITION"
    assert faults(a=asking("a: Int", imports=renamed, definitions=bar)) == [(CODE, ("a",))]
    sdl = supergraph(a=asking("a: Int @bar", imports=renamed, name='"@bar"', definitions=bar))
    assert f'@link(url: "https://x.dev/foo/v1.0", import: [{renamed}])' in sdl


@pytest.mark.parametrize("own", ["tag", "inaccessible"])
def test_the_names_of_tag_and_inaccessible_are_taken_in_every_subgraph(own: str) -> None:
    sdl = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"]) '
        f'@link(url: "https://x.dev/foo/v1.0", import: [{{name: "@foo", as: "@{own}"}}]) '
        f'@composeDirective(name: "@{own}") directive @{own} on FIELD_DEFINITION type Query {{ a: Int @{own} }}'
    )
    assert faults(a=sdl, b="type Query { b: Int }") == [(CODE, ("a",))]
    assert faults(a=sdl) == []


def test_one_name_is_one_directive() -> None:
    other = asking("b: Int @foo", url="https://y.dev/foo/v1.0")
    assert faults(a=asking("a: Int"), b=other) == [(CODE, ("a", "b"))]


def test_one_directive_has_one_name() -> None:
    other = asking(
        "b: Int",
        imports='{name: "@foo", as: "@bar"}',
        name='"@bar"',
        definitions="directive @bar on FIELD_DEFINITION",
    )
    assert faults(a=asking("a: Int"), b=other) == [(CODE, ("a", "b"))]
    assert hints(a=asking("a: Int"), b=other.replace('@composeDirective(name: "@bar")', "")) == [
        "DIRECTIVE_COMPOSITION_WARN"
    ]


def test_subgraphs_that_compose_a_spec_agree_on_its_major_version() -> None:
    other = asking("b: Int @foo", url="https://x.dev/foo/v2.0")
    assert faults(a=asking("a: Int"), b=other) == [(CODE, ("a", "b"))]
    assert faults(a=asking("a: Int"), b=other.replace("v2.0", "v1.7")) == []
    assert hints(a=asking("a: Int"), b=other.replace('@composeDirective(name: "@foo")', "")) == [
        "DIRECTIVE_COMPOSITION_INFO"
    ]


def test_the_newest_version_has_to_define_the_directive() -> None:
    newer = asking(
        "b: Int @bar",
        url="https://x.dev/foo/v1.3",
        imports='"@bar"',
        name='"@bar"',
        definitions="directive @bar on FIELD_DEFINITION",
    )
    assert faults(a=asking("a: Int"), b=newer) == [(CODE, ("a",))]
    with_both = newer.replace('["@bar"]', '["@foo", "@bar"]').replace(
        "directive @bar", f"{FOO} directive @bar"
    )
    assert faults(a=asking("a: Int"), b=with_both) == []


@pytest.mark.parametrize("name", ["tag", "inaccessible", "authenticated", "requiresScopes", "policy"])
def test_what_federation_composes_anyway_is_only_hinted_at(name: str) -> None:
    assert hints(a=linked(f'@composeDirective(name: "@{name}")') + "type Query { a: Int }") == [
        "DIRECTIVE_COMPOSITION_INFO"
    ]
