"""The configurations that the pages of docs/ show are understood, without a warning."""

import re

import pytest

from router.config.router_yaml import read_router_config
from router.config.yaml_text import read_yaml
from tests.support.certificates import Authority
from tests.unit.architecture.sources import ROOT

PAGES = ("hooks.md", "response-cache.md", "telemetry.md", "traffic.md")
SHOWN = [
    pytest.param(found[1], id=f"{page}:{number}")
    for page in PAGES
    for number, found in enumerate(
        re.finditer(r"```yaml\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    )
]


@pytest.mark.parametrize("text", SHOWN)
def test_a_configuration_is_as_it_is_shown(text, tmp_path):
    # What comes from elsewhere is there where the file is used; each file shown is an authority's certificate.
    file = tmp_path / "authority.pem"
    file.write_text(Authority().pem)
    given = re.sub(r"\$\{env\.[^}]*\}", "given", re.sub(r"\$\{file\.[^}]*\}", f"${{file.{file}}}", text))
    assert read_router_config(read_yaml(given), {}).warnings == ()
