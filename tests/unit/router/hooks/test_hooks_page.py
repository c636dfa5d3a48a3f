"""The example of docs/hooks.md, and the test that the page shows for it."""

import re
import sys
from types import ModuleType

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
