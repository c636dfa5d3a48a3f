"""`${env.NAME}` at the place of every option says what the value itself would."""

import pytest

from router.config.describe import ITEM, NAME
from router.config.problems import ConfigurationError
from router.config.reference import list_leaves
from router.config.router_yaml import describe_options, read_router_config

OPTIONS = list_leaves(describe_options())
VALUES = {
    "boolean": "true",
    "number": "3",
    "time": "2s",
    "size": "4096",
    "string": "007",
    "regular expression": "12",
}
"""As they stand in the environment."""


def nest(path, value):
    for step in reversed(path):
        value = [value] if step == ITEM else {("products" if step == NAME else step): value}
    return value


def read(config, environment):
    """What is read, or what is wrong with it."""
    try:
        return read_router_config(config, environment)
    except ConfigurationError as error:
        return error.problems


def test_every_option_may_come_from_the_environment():
    differing = []
    for option in OPTIONS:
        kind = option.kind.partition(",")[0]
        text = VALUES.get(kind)
        if "enum" in option.form:
            text = option.form["enum"][-1]
        if text is None:
            continue
        value = {"boolean": True, "number": 3}.get(kind, text)
        if read(nest(option.path, "${env.V}"), {"V": text}) != read(nest(option.path, value), {}):
            differing.append(option.name)
    assert differing == []


@pytest.mark.parametrize("text", ["007", "1.10", "1e5", "true", "-5", "+5", ".5", "null", "0x10"])
def test_a_string_stays_as_it_is_written(text):
    """A password of digits is no number."""
    redis = {"urls": ["redis://a"], "password": "${env.V}", "username": "u${env.V}"}
    csrf = {"required_headers": ["${env.V}"]}
    config = {"apq": {"router": {"cache": {"redis": redis}}}, "csrf": csrf}
    found = read_router_config(config, {"V": text})
    assert (found.pipeline.apq.redis.password, found.pipeline.apq.redis.username) == (text, f"u{text}")
    assert found.server.csrf.required_headers == (text.lower(),)


def test_numbers_are_read_also_within_lists_and_forms_of_several_kinds():
    config = {
        "traffic_shaping": {
            "all": {"circuit_breaker": {"error_status_codes": ["${env.A}"], "error_threshold": "${env.B}"}}
        },
        "telemetry": {"exporters": {"metrics": {"common": {"buckets": [0.1, "${env.B}"]}}}},
        "include_subgraph_errors": {"all": "${env.C}", "subgraphs": {"a": "${env.D}"}},
        "rhai": "${env.D}",
    }
    found = read_router_config(config, {"A": "503", "B": "0.5", "C": "true", "D": "false"})
    breaker = found.executor.traffic.all.breaker
    assert (breaker.error_status_codes, breaker.error_threshold) == ({503}, 0.5)
    assert found.telemetry.buckets == (0.1, 0.5)
    assert [found.executor.error_exposure.of_subgraph(name).is_included for name in "ab"] == [False, True]
    assert found.warnings == ()
