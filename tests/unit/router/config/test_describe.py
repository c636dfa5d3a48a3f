"""What is described is what is read: the JSON Schema, the reference, and that each option has its sentence."""

from functools import cache
from pathlib import Path

import fastjsonschema
import pytest
import yaml

from router.config.describe import ITEM, NAME, Effect
from router.config.json_schema import build_json_schema
from router.config.meanings import MEANINGS
from router.config.problems import ConfigurationError
from router.config.reference import list_leaves, list_names, write_reference
from router.config.router_yaml import _read, describe_options, read_router_config
from router.config.section import Findings, Section
from router.config.without import WITHOUT

ROOT = Path(__file__).resolve().parents[4]
OPTIONS = describe_options()
NAMES = {option.name for option in OPTIONS}

TOP = (
    "apq authentication authorization batching connectors coprocessor cors csrf demand_control "
    "enhanced_client_awareness experimental_chaos experimental_diagnostics experimental_hoist_orphan_errors "
    "experimental_type_conditioned_fetching fleet_detector forbid_mutations headers health_check homepage "
    "include_subgraph_errors license_enforcement limits override_subgraph_url persisted_queries plugins "
    "preview_entity_cache preview_file_uploads progressive_override response_cache rhai sandbox server subscription "
    "supergraph telemetry tls traffic_shaping"
)
"""What Apollo Router 2.13 has at the top of a file."""


def nest(path, value):
    for step in reversed(path):
        value = [value] if step == ITEM else {("products" if step == NAME else step): value}
    return value


def is_read(config):
    try:
        read_router_config(config, {})
    except ConfigurationError as error:
        return not any("is not known" in problem for problem in error.problems)
    return True


@cache
def build_validator():
    """Takes a second, so not where tests are collected."""
    return fastjsonschema.compile(build_json_schema(OPTIONS, MEANINGS), use_default=False)


def fits(config):
    try:
        build_validator()(config)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def test_every_option_has_its_sentence_and_no_sentence_is_left_over():
    """What fails here is missing from, or too much in, router/config/meanings.py."""
    assert {option.general_name for option in list_leaves(OPTIONS)} ^ set(MEANINGS) == set()


def test_what_has_no_effect_says_how_to_live_without_it():
    """What fails here is missing from, or too much in, router/config/without.py."""
    assert set(list_names(OPTIONS, Effect.NONE_YET)) ^ set(WITHOUT) == set()


def test_the_reference_is_up_to_date():
    assert (ROOT / "docs/configuration.md").read_text() == write_reference(OPTIONS, MEANINGS), (
        "run `make docs`"
    )


def test_every_section_of_apollos_is_known():
    assert set(TOP.split()) <= {option.path[0] for option in OPTIONS}


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_key_that_is_described_is_read(option):
    config = nest(option.path, option.default)
    assert is_read(config)
    assert fits(config)


@pytest.mark.parametrize(
    "option", [each for each in OPTIONS if each.effect is Effect.NONE_YET], ids=lambda option: option.name
)
def test_what_has_no_effect_is_one_warning(option):
    findings = Findings()
    _read(Section(nest(option.path, {"x": 1}), "", findings))
    told = option.name.replace(NAME, "products").replace(ITEM, "[0]")
    assert (
        f"{told} is not supported yet and has no effect: {WITHOUT[option.general_name]}" in findings.warnings
    )
    findings = Findings()
    _read(Section(nest(option.path, False), "", findings))
    assert findings.warnings == []


VALUES = (True, 3, -1, "x", "5s", [], ["x"], {}, {"zzz": 1}, 0.5)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_the_schema_refuses_is_refused(value):
    """The other way need not hold: readers know more than a schema can say."""
    taken = []
    for option in OPTIONS:
        config = nest(option.path, value)
        if not fits(config):
            try:
                read_router_config(config, {})
            except ConfigurationError:
                continue
            taken.append(option.name)
    assert taken == []


def test_our_own_file_fits_the_schema_before_anything_is_expanded():
    assert fits(yaml.safe_load((ROOT / "router.yaml").read_text()))


def test_what_stands_under_names_of_the_users_choice_fits_too():
    assert fits(
        {
            "telemetry": {
                "instrumentation": {
                    "spans": {
                        "router": {"attributes": {"tenant": {"request_header": "x"}, "url.path": False}}
                    },
                    "instruments": {"router": {"acme.requests": {"type": "counter", "value": "unit"}}},
                    "events": {"router": {"response": "info", "mine": {"level": "info"}}},
                }
            }
        }
    )
