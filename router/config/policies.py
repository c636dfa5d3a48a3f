"""From the names of policy functions in `router.yaml` to the functions."""

import inspect
from collections.abc import Mapping
from importlib import import_module

from router.config.problems import ConfigurationError
from router.pipeline.generation import PolicyFunction


def load_policies(names: Mapping[str, str]) -> dict[str, PolicyFunction]:
    """Import the function of each policy, given as `module:function`.

    Raises:
        ConfigurationError: there is no such module or function, or it is not an `async def`.
    """
    policies: dict[str, PolicyFunction] = {}
    problems: list[str] = []
    for policy, name in names.items():
        module_name, _, function_name = name.partition(":")
        try:
            function = getattr(import_module(module_name), function_name)
        except (ImportError, AttributeError) as error:
            problems.append(f"authorization.policies.{policy}: {name} cannot be imported: {error}")
            continue
        if inspect.iscoroutinefunction(function):
            policies[policy] = function
        else:
            problems.append(f"authorization.policies.{policy}: {name} is not an async function")
    if problems:
        raise ConfigurationError(problems)
    return policies
