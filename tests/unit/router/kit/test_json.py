import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.kit.json import read_faulty_json, read_json, write_json


def test_values_survive_writing_and_reading():
    value = {"b": [1, 1.5, True, None, "ü"], "a": {}}
    assert read_json(write_json(value)) == value
    assert write_json(value) == '{"b":[1,1.5,true,null,"ü"],"a":{}}'.encode()


def test_answers_may_be_deeper_than_the_fast_writer_goes():
    value = [1]
    for _ in range(300):
        value = [value]
    assert json.loads(write_json(value)) == value


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError):
        write_json({"x": object()})


PIECES = st.sampled_from(
    [
        "a",
        "\\\\",
        "\\\\\\\\",
        "\\n",
        '\\"',
        "\\ud83d",
        "\\uDE00",
        "\\udbff",
        "\\uDFFF",
        "\\u00e9",
        "ud83d",
        "\u00fc",
    ]
)


@given(st.lists(PIECES, max_size=8))
def test_half_of_a_pair_costs_itself_alone(pieces):
    text = f'["{"".join(pieces)}"]'
    # Python's reader takes them, and no writer of UTF-8 does.
    (right,) = json.loads(text)
    right = right.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert read_faulty_json(text.encode()) == [right]


def test_what_is_no_utf_8_costs_itself_alone():
    assert read_faulty_json(b'["a\xffb",1]') == ["a\ufffdb", 1]


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b'["\\ud800', b'["\\ud800",]', b"\xef\xbb\xbf[]", b'["\\ud83d\\udezz"]']
)
def test_what_is_faulty_in_other_ways_is_refused(text):
    with pytest.raises(ValueError, match="line 1 column"):
        read_faulty_json(text)
