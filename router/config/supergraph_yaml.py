"""`supergraph.yaml`: Rover's list of subgraphs, read into their sources."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from router.composition.subgraph import SubgraphSource
from router.config.expand import expand
from router.config.problems import ConfigurationError
from router.config.section import Findings, Section
from router.config.subgraph_sdl import FetchError, fetch_sdl


@dataclass(frozen=True, slots=True)
class SupergraphConfig:
    """What a `supergraph.yaml` says; `federation_version` is kept as written, every 2.x is composed alike."""

    subgraphs: tuple[SubgraphSource, ...]
    federation_version: str


def read_supergraph_yaml(path: Path, environment: Mapping[str, str] | None = None) -> SupergraphConfig:
    """Read the file and the schema of each subgraph in it; files are relative to it, URLs are asked now.

    Raises:
        ConfigurationError: something in it is not understood, or a schema cannot be had; all problems at once.
        OSError: the file itself cannot be read.
    """
    findings = Findings()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigurationError([f"{path} is not YAML: {error}"]) from error
    expanded = expand(content, os.environ if environment is None else environment, findings.problems)
    root = Section(expanded, "", findings)
    version = root.text("federation_version", "2")
    sources = [
        _read_subgraph(name, section, path.parent) for name, section in root.sections("subgraphs").items()
    ]
    root.finish()
    if not sources and not findings.problems:
        findings.problems.append("subgraphs: name at least one")
    if findings.problems:
        raise ConfigurationError([f"{path}: {problem}" for problem in findings.problems])
    return SupergraphConfig(tuple(sources), version)


def _read_subgraph(name: str, section: Section, folder: Path) -> SubgraphSource:
    url = section.text("routing_url")
    schema = section.section("schema")
    file, address, inline = schema.text("file"), schema.text("subgraph_url"), schema.text("sdl")
    schema.accept_unsupported("graphref", "subgraph")
    schema.finish()
    section.finish()
    sdl = ""
    if sum(map(bool, (file, address, inline))) != 1:
        section.fail("schema", "needs one of file, subgraph_url and sdl")
    elif file:
        try:
            sdl = (folder / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            schema.fail("file", f"cannot be read: {error}")
    elif address:
        try:
            sdl = fetch_sdl(address)
        except FetchError as error:
            schema.fail("subgraph_url", str(error))
    return SubgraphSource(name, url or address, sdl or inline, str(folder / file) if file else address)
