"""Keyset pages and their cursors."""

import base64
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal_column, select

from subgraphs.common.errors import BadUserInputError
from subgraphs.common.keyset import id_column, select_page, time_column
from subgraphs.common.pagination import PAGE_SIZE, build_page, encode_cursor, read_page_request

VALUES = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50),
        st.integers(-(2**53), 2**53),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@given(VALUES)
def test_a_cursor_gives_back_what_was_put_in(values: list[Any]) -> None:
    assert read_page_request(first=1, after=encode_cursor(tuple(values))).after == tuple(values)


@given(st.text(max_size=200))
def test_any_other_text_is_refused_and_never_breaks_anything(cursor: str) -> None:
    with suppress(BadUserInputError):
        assert isinstance(read_page_request(first=1, after=cursor).after, tuple)


@given(VALUES, st.data())
def test_a_cursor_of_which_one_letter_was_changed_is_refused(values: list[Any], data: st.DataObject) -> None:
    cursor = encode_cursor(tuple(values))
    place = data.draw(st.integers(0, len(cursor) - 2))
    letter = data.draw(st.sampled_from("abcABC019-_").filter(lambda other: other != cursor[place]))
    with pytest.raises(BadUserInputError):
        read_page_request(first=1, after=cursor[:place] + letter + cursor[place + 1 :])


@pytest.mark.parametrize("values", [[], {}, 5, "x", None, [[1]], [{"a": 1}], ["nul\0"]])
def test_json_that_is_no_cursor_is_refused(values: Any) -> None:
    cursor = base64.urlsafe_b64encode(orjson.dumps(values)).decode()
    with pytest.raises(BadUserInputError):
        read_page_request(first=1, after=cursor)


def test_sizes_and_directions() -> None:
    assert read_page_request().size == PAGE_SIZE
    assert read_page_request(first=0).size == 0
    assert read_page_request(first=100).limit == 101
    assert read_page_request(first=PAGE_SIZE, last=3).backward
    for wrong in ({"first": 101}, {"first": -1}, {"last": 101}, {"first": 3, "last": 3}):
        with pytest.raises(BadUserInputError):
            read_page_request(**wrong)


@given(st.integers(0, 12), st.integers(0, 5), st.booleans())
def test_pages_walk_a_list_from_either_end(length: int, size: int, backward: bool) -> None:
    rows = [*range(length)]
    near = rows[::-1] if backward else rows
    request = read_page_request(last=size) if backward else read_page_request(first=size)
    page = build_page(request, near[: request.limit], lambda row: (row,))
    assert page.rows == tuple(rows[max(0, length - size) :] if backward else rows[:size])
    more = page.has_previous_page if backward else page.has_next_page
    assert more == (length > size)
    assert not (page.has_next_page if backward else page.has_previous_page)
    assert [*page.cursors] == [encode_cursor((row,)) for row in page.rows]


@pytest.mark.parametrize("place", ["after", "before"])
@pytest.mark.parametrize("size", ["first", "last"])
def test_there_is_more_on_the_other_side_of_a_cursor(place: str, size: str) -> None:
    request = read_page_request(**{place: encode_cursor((7,)), size: 3})
    page = build_page(request, [6], lambda row: (row,))
    assert (page.has_previous_page, page.has_next_page) == (place == "after", place == "before")


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-01-01", 5, None]
)
def test_a_forged_time_in_a_cursor_is_refused(moment: object) -> None:
    column, id_ = time_column(literal_column("at")), id_column(literal_column("id"))
    cursor = encode_cursor((moment, "01890000-0000-7000-8000-000000000001"))
    request = read_page_request(after=cursor)
    with pytest.raises(BadUserInputError):
        select_page(select(literal_column("1")), [column, id_], request, descending=True)
