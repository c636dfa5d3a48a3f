"""Progressive overrides: how many requests a percentage takes."""

import pytest

from router.pipeline.override import choose_labels


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
    assert (label in choose_labels([label], lambda: drawn)) is is_on


def test_each_label_is_drawn_for_itself():
    numbers = iter((0.1, 0.9))

    assert choose_labels(["percent(20)", "percent(30)"], lambda: next(numbers)) == {"percent(20)"}
