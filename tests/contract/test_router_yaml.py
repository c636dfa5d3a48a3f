"""Files as the documentation of Apollo Router has them, one feature each: they are taken unchanged, and they serve.

A sample says in comments what is known of it: `# No effect: KEY ...`, the keys that may do nothing here, each with one warning;
`# Told: ...`, how another warning begins; `# Answers: STATUS`, what comes of a plain request where that is not 200.
"""

import re
import shutil
from pathlib import Path

import fastjsonschema
import httpx
import pytest

from router import SubgraphSource, compose, create_app
from router.__main__ import main
from router.config.json_schema import build_json_schema
from router.config.meanings import MEANINGS
from router.config.router_yaml import describe_options, read_router_yaml
from router.config.yaml_text import read_yaml
from router.executor.memory import MemoryTransport
from router.telemetry import tracing
from tests.support.certificates import Authority
from tests.support.stub_subgraph import SchemaSubgraph

FOLDER = Path(__file__).parent / "router_yaml"
SAMPLES = sorted(FOLDER.glob("*.yaml"))
NO_EFFECT = " is not supported yet and has no effect"

SDL = {
    "accounts": 'type Query { me: User } type User @key(fields: "id") { id: ID! }',
    "products": 'type Query { topProducts: [Product] } type Product @key(fields: "upc") { upc: ID! }',
    "reviews": 'type User @key(fields: "id") { id: ID! score: Int }',
}
LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])\n'
QUERY = {"query": "query Top { topProducts { upc } }"}


def read_notes(text, kind):
    return re.findall(rf"^# {kind}: (.*)$", text, re.MULTILINE)


@pytest.fixture(scope="module")
def supergraph():
    composition = compose([SubgraphSource(name, f"http://{name}", LINK + sdl) for name, sdl in SDL.items()])
    assert composition.supergraph_sdl is not None, composition.errors
    return composition.supergraph_sdl


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder to serve from, with what the samples name."""
    path = tmp_path_factory.mktemp("served")
    for file in FOLDER.glob("*.json"):
        shutil.copy(file, path)
    authority = Authority()
    (path / "ca.crt").write_text(authority.pem)
    for name in ("server", "client"):
        certificate = authority.sign(name)
        (path / f"{name}.crt").write_text(certificate.chain)
        (path / f"{name}.key").write_text(certificate.key)
    return path


@pytest.fixture(autouse=True)
def inside(folder, monkeypatch):
    """Files are named as seen from there."""
    monkeypatch.chdir(folder)


@pytest.fixture(scope="module")
def check_schema():
    """Raises for what does not fit the schema of the file."""
    return fastjsonschema.compile(build_json_schema(describe_options(), MEANINGS), use_default=False)


class NoExporter(tracing.SpanExporter):
    """Nobody listens in a test."""

    def export(self, spans):
        del spans


def test_there_is_a_sample_of_every_section():
    sections = {option.path[0] for option in describe_options()}
    assert sections - {key for file in SAMPLES for key in read_yaml(file.read_text())} == set()


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_it_is_valid_and_what_has_no_effect_is_told_once(file, capsys):
    assert main(["config", "validate", str(file)]) == 0
    text = file.read_text()
    told = [line.removeprefix("warning: ") for line in capsys.readouterr().err.splitlines()]
    assert len(set(told)) == len(told)
    may_have_none = set(" ".join(read_notes(text, "No effect")).split())
    others = [each for each in told if each.partition(NO_EFFECT)[0] not in may_have_none]
    expected = read_notes(text, "Told")
    assert len(others) == len(expected)
    assert all(each.startswith(begin) for each, begin in zip(others, expected, strict=True))


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_it_fits_the_schema_that_editors_read(file, check_schema):
    if any(" now" in told for told in read_notes(file.read_text(), "Told")):
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            check_schema(read_yaml(file.read_text()))
    else:
        check_schema(read_yaml(file.read_text()))


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
async def test_it_serves(file, supergraph, monkeypatch):
    monkeypatch.setattr(tracing, "get_tracing", lambda given: tracing.Tracing(given, NoExporter()))
    text = file.read_text()
    products = SchemaSubgraph(
        "type Query { topProducts: [Product] } type Product { upc: ID! }", {"topProducts": [{"upc": "1"}]}
    )
    config = read_router_yaml(text, {})
    app = create_app(supergraph, config=config, transport=MemoryTransport({"products": products}))
    path = re.sub(r"\{\*?\w+\}", "x", config.server.path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.post(path, json=QUERY)
    await app.close()
    assert answer.status_code == int((read_notes(text, "Answers") or ["200"])[0])
    if answer.status_code == httpx.codes.OK:
        assert answer.json() == {"data": {"topProducts": [{"upc": "1"}]}}
    else:
        assert set(answer.json()) == {"errors"}


@pytest.mark.parametrize("key", sorted({option.path[0] for option in describe_options()}))
def test_a_section_misspelt_is_refused_with_a_suggestion(key, tmp_path, capsys):
    (tmp_path / "router.yaml").write_text(f"{key}s_: {{}}")
    assert main(["config", "validate", str(tmp_path / "router.yaml")]) == 1
    told = capsys.readouterr().err
    assert f"{key}s_ is not known." in told
    assert f'"{key}"' in told
