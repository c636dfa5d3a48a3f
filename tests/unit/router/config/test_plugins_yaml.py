"""`plugins`: which code is named, and what is wrong with it."""

import pytest

from router.config.plugins_yaml import load_plugins
from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.hooks import Plugin

HERE = "tests.unit.router.config.hooks_of_tests"


def read(plugins):
    return read_router_config({"plugins": plugins}, {}).plugins


def test_a_mapping_and_a_list_say_the_same():
    name = f"{HERE}:build"
    mapping = read({"experimental.expose_query_plan": True, name: {"a": 1}, f"{HERE}:build_plain": None})
    listed = read([{"experimental.expose_query_plan": True}, {name: {"a": 1}}, f"{HERE}:build_plain"])
    assert mapping == listed
    assert mapping.is_plan_exposed
    assert mapping.factories == ((name, {"a": 1}), (f"{HERE}:build_plain", None))


@pytest.mark.parametrize(
    ("plugins", "problem"),
    [
        ("a:b", "plugins must be a list or a mapping"),
        ([3], "plugins[0] must be module:function"),
        ([{"a:b": 1, "c:d": 2}], "plugins[0] must be module:function"),
        ({"experimental.expose_query_plam": True}, "plugins.experimental.expose_query_plam is not known"),
        ({"experimental.expose_query_plan": 3}, "must be true or false"),
        (["a:b c"], "plugins.a:b c is not known"),
        ([":b"], "plugins.:b is not known"),
    ],
)
def test_what_is_no_plugin_is_told(plugins, problem):
    with pytest.raises(ConfigurationError) as told:
        read(plugins)
    assert problem in str(told.value)


def test_factories_are_given_their_settings_and_may_be_used_twice():
    name = f"{HERE}:build"
    plugins = load_plugins(((name, {"a": 1}), (name, {"a": 2}), (f"{HERE}:build_plain", None)))
    assert list(plugins) == [name, f"{name}#2", f"{HERE}:build_plain"]
    assert all(isinstance(each, Plugin) for each in plugins.values())


@pytest.mark.parametrize(
    ("factory", "problem"),
    [
        ("no.such.module:f", "ModuleNotFoundError"),
        (f"{HERE}:nothing", "AttributeError"),
        (f"{HERE}:give_nothing", "must give a router.hooks.Plugin, not NoneType"),
        (f"{HERE}:fail", "ValueError: the factory's words"),
        (f"{HERE}:build_blocking", "router_request is not an async function"),
    ],
)
def test_what_cannot_be_loaded_is_told(factory, problem):
    with pytest.raises(ConfigurationError) as told:
        load_plugins(((factory, None),))
    assert f"plugins.{factory}" in str(told.value)
    assert problem in str(told.value)
