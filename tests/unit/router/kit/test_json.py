import json

import pytest

from router.kit.json import read_json, write_json


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
