"""The picture that stands in for a product's own."""

import base64
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.common.errors import BadUserInputError
from subgraphs.products.schema.image import WIDTH, WIDTH_MAX, WIDTH_MIN, build_tile

NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1)


def read(url: str) -> ET.Element:
    return ET.fromstring(base64.b64decode(url.removeprefix("data:image/svg+xml;base64,")))  # noqa: S314


@given(
    NAMES, st.one_of(st.none(), st.text(), st.lists(st.one_of(st.text(), st.integers(), st.just("#00ff7f"))))
)
def test_whatever_the_name_and_colours_are_it_is_a_picture(name: str, colors: object) -> None:
    svg = read(build_tile(name, {"colors": colors}, None))
    assert svg.attrib["width"] == str(WIDTH)


def test_markup_in_a_name_is_text() -> None:
    assert read(build_tile("<b> &", {}, None))[1].text == "<"
    assert read(build_tile("visual studio code", {"colors": ["bad", "#112233"]}, 64))[1].text == "VS"


@pytest.mark.parametrize("width", [WIDTH_MIN - 1, WIDTH_MAX + 1, 0, -5])
def test_a_width_out_of_bounds_is_refused(width: int) -> None:
    with pytest.raises(BadUserInputError):
        build_tile("It", {}, width)
    assert build_tile("It", {}, WIDTH_MIN)
    assert build_tile("It", {}, WIDTH_MAX)
