"""What the marketplace's clients send, and what a change of a subgraph does to it.

`make contract` asks the same of the working tree.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from router import Check, Criticality, Supergraph, check, read_operations, read_supergraph_config

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden" / "supergraph.graphql"
OPERATIONS = Path(__file__).parent / "operations"


@pytest.fixture(scope="module")
def golden() -> Supergraph:
    return Supergraph.read(GOLDEN.read_text())


@pytest.fixture(scope="module")
def check_change(golden: Supergraph) -> Callable[[str, str, str], Check]:
    """Check the marketplace after an edit of one subgraph's schema, beside the reviewed supergraph."""
    operations = read_operations(OPERATIONS)
    subgraphs = read_supergraph_config(ROOT / "supergraph.yaml").subgraphs

    def run(name: str, before: str, after: str) -> Check:
        assert any(each.name == name and before in each.sdl for each in subgraphs)
        edited = [
            replace(each, sdl=each.sdl.replace(before, after, 1)) if each.name == name else each
            for each in subgraphs
        ]
        return check(edited, against=golden, operations=operations)

    return run


def test_every_operation_is_valid(golden: Supergraph) -> None:
    found = check(golden, against=golden, operations=read_operations(OPERATIONS))

    assert found.operations is not None
    assert {each.name: each.errors for each in found.operations if each.errors} == {}
    assert len(found.operations) >= 20


def test_a_field_that_an_operation_uses_cannot_be_removed(
    check_change: Callable[[str, str, str], Check],
) -> None:
    found = check_change("products", "availability: Availability!", "stock: Availability!")

    assert not found.is_safe
    broken = {each.name: each.errors for each in found.broken}
    assert broken == dict.fromkeys(
        ("BrowseProducts", "ProductPage"), ("Cannot query field 'availability' on type 'Product'.",)
    )
    (change,) = found.harmful
    assert (change.coordinate, change.subgraphs) == ("Product.availability", ("products",))
    assert change.operations == ("BrowseProducts", "ProductPage")


def test_a_field_that_no_operation_uses_can_be(check_change: Callable[[str, str, str], Check]) -> None:
    found = check_change("orders", "  taxTotal: Money!\n", "")

    (change,) = found.changes
    assert (change.criticality, change.coordinate) == (Criticality.BREAKING, "Order.taxTotal")
    assert (change.operations, found.broken, found.is_safe) == ((), (), True)


def test_a_value_that_a_client_may_send_cannot_be_removed(
    check_change: Callable[[str, str, str], Check],
) -> None:
    found = check_change("payments", "  E_WALLET\n", "")

    (change,) = found.harmful
    assert (change.coordinate, change.operations) == ("PaymentMethod.E_WALLET", ("Pay",))


def test_a_value_that_clients_only_read_may_be_removed(
    check_change: Callable[[str, str, str], Check],
) -> None:
    found = check_change("orders", "  FRAUD\n", "")

    assert [each.coordinate for each in found.changes] == ["CancelReason.FRAUD"]
    assert found.is_safe


def test_what_clients_leave_out_cannot_become_required(
    check_change: Callable[[str, str, str], Check],
) -> None:
    found = check_change("orders", "note: String", "note: String!")

    assert {name for each in found.harmful for name in each.operations or ()} == {"CancelOrder"}
