"""Expressions of operators on hostile text."""

import pytest

from router.kit.patterns import Pattern, PatternError

EVIL = ["(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"]


@pytest.mark.parametrize("text", EVIL)
def test_no_text_takes_for_ever(text):
    # Python's engine would not come back from the first of these before the sun goes out.
    pattern = Pattern(text)
    hostile = "a" * 60_000 + "!"
    assert pattern.search(hostile) is False
    assert pattern.fullmatch(hostile) is False


def test_what_is_found_and_what_is_whole():
    pattern = Pattern("x-[ab]")
    assert [pattern.search(text) for text in ("x-a", "my-x-b", "x-c", "")] == [True, True, False, False]
    assert [pattern.fullmatch(text) for text in ("x-a", "my-x-b")] == [True, False]
    assert pattern == Pattern("x-[ab]") != Pattern("x")


@pytest.mark.parametrize("text", ["(", "a{1,100000}", r"(a)\1", "(?=a)", "a" * 5000, "[z-a]"])
def test_what_cannot_be_run_in_linear_time_is_refused(text):
    with pytest.raises(PatternError):
        Pattern(text)
