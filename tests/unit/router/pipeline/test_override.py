"""Progressive overrides: how many requests a percentage takes, and what hooks decide."""

import pytest

from router.pipeline.override import CHOSEN, UNRESOLVED, choose_labels, note_unresolved


@pytest.mark.parametrize(
    ("label", "drawn", "is_on"),
    [
        ("percent(0)", 0.0, False),
        ("percent(50)", 0.499, True),
        ("percent(50)", 0.5, False),
        ("percent(0.5)", 0.004, True),
        ("percent(0.5)", 0.005, False),
        ("percent(100)", 0.999999, True),
        ("beta", 0.0, False),
    ],
)
def test_a_percentage_of_requests_is_overridden(label, drawn, is_on):
    assert (label in choose_labels([label], {}, lambda: drawn)) is is_on


def test_each_label_is_drawn_for_itself():
    numbers = iter((0.1, 0.9))

    assert choose_labels(["percent(20)", "percent(30)"], {}, lambda: next(numbers)) == {"percent(20)"}


def test_hooks_decide_on_labels_with_names():
    labels, entries = ("beta", "percent(0)", "old"), {}

    note_unresolved(labels, entries)

    assert entries == {UNRESOLVED: ["beta", "old"]}
    assert choose_labels(labels, entries) == frozenset()
    assert choose_labels(labels, {CHOSEN: ["old", "unknown"]}) == {"old"}
    assert choose_labels(labels, {CHOSEN: "old"}) == frozenset()
