"""`coprocessor` in router.yaml."""

import pytest

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.coprocessor.options import ContextSelection


def read(**coprocessor):
    return read_router_config({"coprocessor": {"url": "http://127.0.0.1:1", **coprocessor}}, {}).coprocessor


def test_the_defaults_are_apollos():
    options = read()
    assert (options.timeout_s, options.stages, options.is_response_validated) == (1.0, {}, True)
    assert read_router_config({}, {}).coprocessor is None


def test_a_stage_has_what_is_selected():
    stage = read(subgraph={"all": {"response": {"body": True, "headers": False, "status_code": True}}}).stages
    assert stage["subgraph_response"].parts == {"body", "status_code"}


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (False, None),
        (True, ContextSelection(is_deprecated=True)),
        ("deprecated", ContextSelection(is_deprecated=True)),
        ("all", ContextSelection()),
        ({"selective": ["a"]}, ContextSelection(selected=frozenset({"a"}))),
    ],
)
def test_the_context_has_apollos_forms(context, expected):
    assert read(router={"request": {"context": context}}).stages["router_request"].context == expected


@pytest.mark.parametrize(
    ("coprocessor", "problem"),
    [
        ({"url": "ftp://x"}, "coprocessor.url must begin"),
        ({"router": {"request": {"url": "x"}}}, "coprocessor.router.request.url must begin"),
        ({"router": {"request": {"bodi": True}}}, "coprocessor.router.request.bodi is not known"),
        ({"subgraph": {"request": {}}}, "coprocessor.subgraph.request is not known"),
        ({"router": {"request": {"query_plan": True}}}, "query_plan is not known"),
        ({"router": {"request": {"context": "some"}}}, "context must be"),
        ({"router": {"request": {"condition": {"like": [1, 2]}}}}, "condition is not understood: like"),
        ({"router": {"request": {"condition": {"eq": [1]}}}}, "eq compares a list of two"),
        (
            {"router": {"request": {"condition": {"eq": [{"header": "a"}, 1]}}}},
            'Did you mean "request_header"?',
        ),
    ],
)
def test_what_is_not_understood_is_told(coprocessor, problem):
    with pytest.raises(ConfigurationError) as told:
        read(**coprocessor)
    assert problem in str(told.value)


def test_a_condition_without_end_is_refused():
    condition = True
    for _ in range(100):
        condition = {"not": condition}
    with pytest.raises(ConfigurationError, match="too deep"):
        read(router={"request": {"condition": condition}})
