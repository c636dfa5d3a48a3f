"""The examples of docs/hooks.md run as they stand."""

import re
import sys
from types import ModuleType

import yaml

from router.config.router_yaml import read_router_config
from tests.unit.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "hooks.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


async def test_the_plugin_and_its_test(test_router, monkeypatch):
    plugin, test = blocks("python")
    module = ModuleType("shop.hooks")
    exec(plugin, module.__dict__)  # noqa: S102 -- it is the page's
    monkeypatch.setitem(sys.modules, "shop", ModuleType("shop"))
    monkeypatch.setitem(sys.modules, "shop.hooks", module)
    names = {}
    exec(test, names)  # noqa: S102
    await names["test_subgraphs_are_told_the_tenant"](test_router)


def test_the_configurations_are_understood():
    for text in blocks("yaml"):
        assert read_router_config(yaml.safe_load(text), {}).warnings == ()
