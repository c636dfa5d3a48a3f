"""`plugins`: code of the user's, named by where it can be imported from, and Apollo's own plugin of that section.

Both forms say the same; a list keeps its order by its looks, too:

    plugins:
      experimental.expose_query_plan: true
      shop.hooks:build_tenants: { header: x-tenant }

    plugins:
      - shop.hooks:build_tenants: { header: x-tenant }
      - shop.hooks:build_audit
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib import import_module

from router.config.problems import ConfigurationError
from router.config.section import Section
from router.hooks.plugin import Plugin
from router.kit.json import JsonObject, JsonValue

EXPOSE_PLAN = "experimental.expose_query_plan"


PLUGINS: JsonObject = {"type": ["array", "object"]}


@dataclass(frozen=True, slots=True)
class PluginsOptions:
    """What `plugins` says.

    Attributes:
        factories: for each plugin where its factory is, as `module:function`, and the value that the factory is given;
            None if the configuration gives none.
    """

    is_plan_exposed: bool = False
    factories: tuple[tuple[str, JsonValue], ...] = ()


def read_plugins(root: Section) -> PluginsOptions:
    """`plugins`; nothing is imported yet."""
    value = root.raw("plugins", PLUGINS)
    items: list[tuple[str, JsonValue]] = []
    if isinstance(value, list):
        for i, each in enumerate(value):
            if isinstance(each, str):
                items.append((each, None))
            elif isinstance(each, dict) and len(each) == 1:
                items += [(str(name), given) for name, given in each.items()]
            else:
                root.fail(f"plugins[{i}]", "must be module:function, or one such with what it is given")
    elif isinstance(value, dict):
        items += [(str(name), given) for name, given in value.items()]
    elif value is not None:
        root.fail("plugins", "must be a list or a mapping")
    return _sort(root, items)


def _sort(root: Section, items: list[tuple[str, JsonValue]]) -> PluginsOptions:
    is_plan_exposed = False
    factories: list[tuple[str, JsonValue]] = []
    for name, given in items:
        module, separator, function = name.partition(":")
        if name == EXPOSE_PLAN:
            if not isinstance(given, bool):
                root.fail(f"plugins.{name}", "must be true or false")
            is_plan_exposed = given is True
        elif not separator or not module or not function.isidentifier():
            root.fail(f"plugins.{name}", f"is not known: it is neither {EXPOSE_PLAN} nor a module:function")
        else:
            factories.append((name, given))
    return PluginsOptions(is_plan_exposed, tuple(factories))


def load_plugins(factories: tuple[tuple[str, JsonValue], ...]) -> dict[str, Plugin]:
    """Import and call the factories; the plugins by name, the second of one name as `name#2`.

    Raises:
        ConfigurationError: there is no such factory, it fails, or what it gives is no plugin.
    """
    plugins: dict[str, Plugin] = {}
    problems: list[str] = []
    for name, given in factories:
        try:
            plugin = _load(name, given)
        except Exception as error:  # noqa: BLE001 -- whatever the user's code raises
            problems.append(f"plugins.{name}: {type(error).__name__}: {error}")
            continue
        count = 1 + sum(each.partition("#")[0] == name for each in plugins)
        plugins[name if count == 1 else f"{name}#{count}"] = plugin
    if problems:
        raise ConfigurationError(problems)
    return plugins


def _load(name: str, given: JsonValue) -> Plugin:
    module, _, function = name.partition(":")
    factory: Callable[..., object] = getattr(import_module(module), function)
    # A factory without settings may take none.
    takes_settings = given is not None or bool(inspect.signature(factory).parameters)
    plugin = factory(given) if takes_settings else factory()
    if not isinstance(plugin, Plugin):
        msg = f"it must give a router.hooks.Plugin, not {type(plugin).__name__}"
        raise TypeError(msg)
    check_hooks({each.name: getattr(plugin, each.name) for each in fields(plugin)})
    return plugin


def check_hooks(hooks: Mapping[str, object]) -> None:
    """Find hooks that cannot be waited for.

    Raises:
        TypeError: one is no `async def`.
    """
    for name, hook in hooks.items():
        called = hook if inspect.isroutine(hook) else getattr(type(hook), "__call__", None)  # noqa: B004 -- to see what it is
        if name != "timeout_s" and hook is not None and not inspect.iscoroutinefunction(called):
            msg = f"{name} is not an async function"
            raise TypeError(msg)
