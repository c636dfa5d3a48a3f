"""PROVIDES_/REQUIRES_FIELDS_MISSING_EXTERNAL: what a subgraph resolves itself need not be required or provided."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

OWNER = (
    'type Query { t: T } type T @key(fields: "id") { id: ID! @shareable w: Int @shareable o: O @shareable } '
    "type O @shareable { x: Int y: Int }"
)


def requiring(fields: str, declared: str, types: str = "type O @shareable { x: Int y: Int }") -> str:
    return f'type T @key(fields: "id") {{ id: ID! {declared} r: Int @requires(fields: "{fields}") }} {types}'


def test_a_requirement_of_the_subgraphs_own_is_refused() -> None:
    assert codes(a=OWNER, b=requiring("w", "w: Int @external")) == []
    (error,) = compose_subgraphs(a=OWNER, b=requiring("w", "w: Int @shareable")).errors
    assert (error.code, error.subgraphs) == ("REQUIRES_FIELDS_MISSING_EXTERNAL", ("b",))
    assert "mark it @external" in error.message
    assert error.locations


def test_what_is_below_an_external_field_is_external() -> None:
    assert codes(a=OWNER, b=requiring("o { x }", "o: O @external")) == []
    assert (
        codes(a=OWNER, b=requiring("o { x y }", "o: O @shareable"))
        == ["REQUIRES_FIELDS_MISSING_EXTERNAL"] * 2
    )


def test_all_fields_of_an_external_type_are_external() -> None:
    types = "type O @external { x: Int y: Int }"
    assert codes(a=OWNER, b=requiring("o { x y }", "o: O @shareable", types)) == []


def test_the_type_name_is_always_there() -> None:
    assert codes(a=OWNER, b=requiring("__typename", "")) == ["REQUIRES_FIELDS_MISSING_EXTERNAL"]


def test_a_key_field_of_an_extended_type_is_not_external_whatever_it_says() -> None:
    extension = 'extend type T @key(fields: "id") { id: ID! @external r: Int @requires(fields: "id") }'
    (error,) = compose_subgraphs(a=OWNER, b=extension).errors
    assert error.code == "REQUIRES_FIELDS_MISSING_EXTERNAL"
    assert "although it is marked @external" in error.message


def test_it_is_if_only_its_type_says_so() -> None:
    extension = (
        'extend type T @external @key(fields: "id") { id: ID! {} } '
        'extend type T { r: Int @requires(fields: "id") }'
    )
    found = ["REQUIRES_FIELDS_MISSING_EXTERNAL"]
    assert found[0] not in codes(a=OWNER, b=extension.replace("{}", ""))
    assert found[0] in codes(a=OWNER, b=extension.replace("{}", "@external"))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("i { n }", ["REQUIRES_FIELDS_MISSING_EXTERNAL"]),
        ("i { o { x } }", []),
        ("i { ... on J { n } }", []),
    ],
)
def test_a_field_of_an_interface_counts_as_its_implementations_for_what_is_below(
    fields: str, found: list[str]
) -> None:
    owner = f'{OWNER} type J @key(fields: "k") {{ k: ID! n: Int @shareable o: O @shareable }}'
    types = (
        'interface I { n: Int o: O } type J implements I @key(fields: "k") '
        "{ k: ID! n: Int @external o: O @external } type O @shareable { x: Int y: Int }"
    )
    assert codes(a=owner, b=requiring(fields, "i: I", types)) == found


def test_a_provision_of_the_subgraphs_own_is_refused() -> None:
    entity = 'type Query { p: T @provides(fields: "w") } type T @key(fields: "id") { id: ID! w: Int {} }'
    assert codes(a=OWNER, b=entity.replace("{}", "@external")) == []
    assert codes(a=OWNER, b=entity.replace("{}", "@shareable")) == ["PROVIDES_FIELDS_MISSING_EXTERNAL"]
