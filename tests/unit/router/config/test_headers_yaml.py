"""`headers` in router.yaml: what is not understood."""

import pytest

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"propagate": {}}, "propagate.named is missing"),
        ({"propagate": {"named": "a b"}}, "is no name of a header"),
        ({"propagate": {"named": "a", "rename": "host"}}, "rename cannot be host"),
        ({"propagate": {"named": "a", "default": "x\ny"}}, "default is no value of a header"),
        ({"propagate": {"matching": "("}}, "is no regular expression"),
        ({"propagate": {"matching": r"(a)\1"}}, "is no regular expression"),
        ({"propagate": {"matching": "a", "rename": "b"}}, "takes whole names"),
        ({"propagate": {"named": "a"}, "remove": {"named": "b"}}, "must have one of"),
        ({"insert": {"name": "a"}}, "or from_context or path must be given"),
        ({"insert": {"name": "a", "value": "1", "path": ".b"}}, "one of them alone"),
        ({"insert": {"name": "a\r\nb", "value": "1"}}, "is no name of a header"),
        ({"insert": {"name": "a", "value": "1\r\nb: 2"}}, "is no value of a header"),
        ({"insert": {"name": "transfer-encoding", "value": "chunked"}}, "which is the connection's own"),
        ({"insert": {"name": "a", "path": "b"}}, "path is not understood"),
        ({"remove": {}}, "remove.named is missing"),
    ],
)
def test_a_rule_that_is_none_is_told(rule, problem):
    with pytest.raises(ConfigurationError) as told:
        read_router_config({"headers": {"all": {"request": [rule]}}}, {})
    assert problem in str(told.value)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"propagate": {"named": "a", "algorithm": "frist"}}, 'Did you mean "first"?'),
        ({"insert": {"name": "a", "from_context": "b"}}, "from_context is not known"),
        ({"insert": {"name": "content-length", "value": "1"}}, "which is the connection's own"),
    ],
)
def test_so_is_one_for_responses(rule, problem):
    with pytest.raises(ConfigurationError) as told:
        read_router_config({"headers": {"subgraphs": {"a": {"response": [rule]}}}}, {})
    assert problem in str(told.value)


@pytest.mark.parametrize(
    "rule",
    [{"named": "Content-Type"}, {"named": "x-accept", "rename": "accept"}, {"named": "te", "default": "x"}],
)
def test_a_rule_for_a_header_that_is_never_passed_on_is_told(rule):
    config = read_router_config({"headers": {"all": {"request": [{"propagate": rule}]}}}, {})
    (warning,) = config.warnings
    assert "is of one connection or one body, and never passed on" in warning
