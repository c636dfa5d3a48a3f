"""`Cache-Control`, read and merged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.kit.cache_control import CacheControl, merge_cache_control, read_cache_control


@pytest.mark.parametrize(
    ("text", "age", "expected"),
    [
        ("max-age=60", None, CacheControl(60)),
        ("Public, Max-Age=60", None, CacheControl(60, is_shared=True)),
        ("max-age=60, s-maxage=10", None, CacheControl(10, is_shared=True)),
        ("public, private, max-age=1", None, CacheControl(1, is_private=True)),
        ("private, max-age=5", None, CacheControl(5, is_private=True)),
        ('max-age="7"', None, CacheControl(7)),
        ("no-store", None, CacheControl(is_stored=False)),
        ("no-cache, max-age=3", None, CacheControl(3, is_stored=False)),
        ("max-age=60", "20", CacheControl(40)),
        ("max-age=60", "80", CacheControl(0)),
        ("max-age=60", "x", CacheControl(60)),
        ("max-age=x", None, CacheControl()),
        ("max-age=" + "9" * 500, None, CacheControl(2**31)),
        ("", None, CacheControl()),
        (None, None, None),
    ],
)
def test_what_a_header_says(text, age, expected):
    assert read_cache_control(text, age) == expected


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ([CacheControl(60)], "max-age=60,public"),
        ([CacheControl(60), CacheControl(5, is_private=True)], "max-age=5,private"),
        ([CacheControl(60), None], "no-store"),
        ([CacheControl(60), CacheControl()], "no-store"),
        ([CacheControl(0)], "no-store"),
        ([CacheControl(60), CacheControl(9, is_stored=False)], "no-store"),
        ([], "no-store"),
    ],
)
def test_the_strictest_holds(parts, written):
    assert merge_cache_control(parts).write() == written


controls = st.builds(CacheControl, st.none() | st.integers(0, 100), st.booleans(), st.booleans())


@given(st.lists(controls, min_size=1, max_size=5), st.randoms())
def test_the_order_does_not_matter_and_no_part_is_exceeded(parts, random):
    merged = merge_cache_control(parts)
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert merge_cache_control(shuffled) == merged
    if merged.is_stored:
        assert all(part.is_stored and part.max_age_s >= merged.max_age_s for part in parts)
        assert merged.is_private == any(part.is_private for part in parts)


@given(st.text(max_size=50))
def test_whatever_a_subgraph_sends_is_read(text):
    assert read_cache_control(text, text) is not None
