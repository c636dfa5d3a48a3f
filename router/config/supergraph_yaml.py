"""`supergraph.yaml`: Rover's list of subgraphs, read into their sources."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from router.composition.subgraph import SubgraphSource
from router.config.expand import expand
from router.config.problems import ConfigurationError
from router.config.section import Findings, Section
from router.config.subgraph_sdl import FetchError, SchemaAddress, fetch_sdl
from router.config.text_file import read_text_file

_FETCHES_AT_ONCE_MAX = 16
_VERSION = re.compile(r"2|latest-2|=?2\.\d+(\.\d+)?", re.ASCII)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def _read_file(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class SupergraphConfig:
    """What a `supergraph.yaml` says, with the schemas that it names.

    Attributes:
        federation_version: as written, and without effect: the rules that hold for a subgraph are those of the
            federation version that the subgraph itself links.
        warnings: what may be missing.
    """

    subgraphs: tuple[SubgraphSource, ...]
    federation_version: str = "2"
    warnings: tuple[str, ...] = ()


def read_supergraph_config(
    path: Path | str, *, environment: Mapping[str, str] | None = None
) -> SupergraphConfig:
    """Read a `supergraph.yaml` and the schema of each subgraph in it; files are relative to it.

    Subgraphs with a `subgraph_url` are asked now, all at the same time.

    Args:
        path: the file.
        environment: what `${env.NAME}` stands for; None for the process's.

    Raises:
        ConfigurationError: something in it is not understood, or a schema cannot be had; all problems at once.
        OSError: the file itself cannot be read.
    """
    path = Path(path)
    text = read_text_file(path)
    return parse_supergraph_config(text, str(path), folder=path.parent, environment=environment)


def parse_supergraph_config(
    text: str,
    name: str,
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    read_file: Callable[[Path], str] = _read_file,
) -> SupergraphConfig:
    """The same for a text, which messages call `name`; files are relative to `folder`, and read by `read_file`.

    Raises:
        ConfigurationError: as for a file.
    """
    findings = Findings()
    version, entries = _read_entries(text, name, folder, environment, findings, read_file)
    if not findings.problems:
        # Nobody waits for subgraphs to hear of a misspelt key.
        _fetch_schemas(entries)
    if findings.problems:
        raise ConfigurationError([f"{name}: {problem}" for problem in findings.problems])
    warnings = tuple(f"{name}: {warning}" for warning in findings.warnings)
    return SupergraphConfig(tuple(entry.source for entry in entries), version, warnings)


def find_schema_files(path: Path) -> list[Path]:
    """The schema files that a `supergraph.yaml`, already found to be good, names."""
    _, entries = _read_entries(read_text_file(path), str(path), path.parent, None, Findings())
    return [Path(entry.source.file) for entry in entries if entry.address is None and entry.source.file]


def check_federation_version(version: str) -> str | None:
    """What is wrong with a `federation_version`; None if nothing is."""
    if _VERSION.fullmatch(version):
        return None
    return 'must be 2 or one version of it, such as "=2.9.0": every 2.x is composed alike'


@dataclass(slots=True)
class _Entry:
    """A subgraph of the list; `address` is where its schema has still to be asked for."""

    source: SubgraphSource
    schema: Section
    address: SchemaAddress | None = None


def _read_entries(
    text: str,
    name: str,
    folder: Path,
    environment: Mapping[str, str] | None,
    findings: Findings,
    read_file: Callable[[Path], str] = _read_file,
) -> tuple[str, list[_Entry]]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError([f"{name} is not YAML: {error}"]) from error
    expanded = expand(content, os.environ if environment is None else environment, findings.problems)
    root = Section(expanded, "", findings)
    version = root.text("federation_version", "2")
    fault = check_federation_version(version)
    if fault is not None:
        root.fail("federation_version", fault)
    entries = [
        _read_entry(name, section, folder, read_file) for name, section in root.sections("subgraphs").items()
    ]
    root.finish()
    if not entries and not findings.problems:
        findings.problems.append("subgraphs: name at least one")
    return version, entries


def _read_entry(name: str, section: Section, folder: Path, read_file: Callable[[Path], str]) -> _Entry:
    url = section.text("routing_url")
    schema = section.section("schema")
    file, address, inline = schema.text("file"), schema.text("subgraph_url"), schema.text("sdl")
    headers = _read_headers(schema)
    if "graphref" in schema or "subgraph" in schema:
        schema.raw("graphref"), schema.raw("subgraph")
        schema.fail("graphref", "needs Apollo GraphOS, which is not asked: use file, subgraph_url or sdl")
    schema.finish()
    section.finish()
    sdl = inline
    if sum(map(bool, (file, address, inline))) != 1:
        section.fail("schema", "needs one of file, subgraph_url and sdl")
    elif file:
        try:
            sdl = read_file(folder / file)
        except (OSError, UnicodeDecodeError) as error:
            schema.fail("file", f"cannot be read: {error}")
    if not url and not address:
        section.warn("routing_url", "is missing: routers will not know where the subgraph answers")
    source = SubgraphSource(name, url or address, sdl, str(folder / file) if file else address)
    return _Entry(source, schema, SchemaAddress(address, headers) if address else None)


def _read_headers(schema: Section) -> dict[str, str]:
    section = schema.section("introspection_headers")
    headers = section.strings()
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            section.fail(name, "is no header that can be sent")
    if headers and "subgraph_url" not in schema:
        schema.fail("introspection_headers", "is for subgraph_url only")
    return headers


def _fetch_schemas(entries: Iterable[_Entry]) -> None:
    """Ask all subgraphs that have to be asked at the same time."""
    asked = [entry for entry in entries if entry.address is not None]
    if not asked:
        return
    with ThreadPoolExecutor(min(len(asked), _FETCHES_AT_ONCE_MAX)) as pool:
        for entry, sdl in zip(asked, pool.map(_fetch, asked), strict=True):
            if isinstance(sdl, FetchError):
                entry.schema.fail("subgraph_url", str(sdl))
            else:
                entry.source = replace(entry.source, sdl=sdl)


def _fetch(entry: _Entry) -> str | FetchError:
    assert entry.address is not None, "only such are asked"
    try:
        return fetch_sdl(entry.address)
    except FetchError as error:
        return error
