"""`docs/configuration.md`: a line for each option, from the same description as the JSON Schema."""

from collections.abc import Mapping, Sequence

from router.config.describe import Effect, Option
from router.config.without import WITHOUT
from router.kit.json import JsonValue

WITHOUT_HEAD = """\
## Accepted without effect

Apollo Router's, so that a file can be moved as it is. Each that a file has is a warning at start; false is none.

| option | without it |
|---|---|
"""

HEAD = """\
# Configuration

Written by `make docs` from the code that reads `router.yaml`; `python -m router config schema` prints the same as JSON
Schema for editors, `config validate FILE` tells what is wrong with a file, `config upgrade FILE` rewrites old keys.

The names are Apollo Router's; what is ours beside them says so. `*` is a name of your choice, mostly a subgraph's. An
unknown key is an error. A value may hold `${env.NAME}`, `${env.NAME:-default}`, `${file.path}` and `${file.path:-default}`;
`$$` is a `$`. Times have units, `ns us ms s m h d w M y` or in words (`500ms`, `1hour 30s`; `M` are months); sizes are bytes
and may have one (`2mb`, `64KiB`).

A reload (`--hot-reload`, SIGHUP) takes up every option but these, which hold from the start of a process: where it listens,
`tls.supergraph`, `server.http.header_read_timeout`, `limits.http1_*`, `supergraph.shutdown_delay`, which files are watched, and
`telemetry.exporters.logging`.

Where a section has `all`, it has `subgraphs` too: the same options for one subgraph, which then hold there instead.
"""


def write_reference(options: Sequence[Option], meanings: Mapping[str, str]) -> str:
    """The page as Markdown; `meanings` has a sentence for each option by its name."""
    parts = [HEAD]
    leaves = list_leaves(options)
    for top in sorted({option.path[0] for option in leaves}):
        rows = [_write_row(option, meanings) for option in leaves if option.path[0] == top]
        parts.append(f"## {top}\n\n| option | type | default | |\n|---|---|---|---|\n" + "".join(rows))
    rows = [f"| `{name}` | {WITHOUT[name]} |\n" for name in list_names(options, Effect.NONE_YET)]
    parts.append(WITHOUT_HEAD + "".join(rows))
    ignored = [f"* `{name}`\n" for name in list_names(options, Effect.IGNORED)]
    parts.append("## Nothing to change here\n\n" + "".join(ignored))
    return "\n".join(parts)


def list_names(options: Sequence[Option], effect: Effect) -> list[str]:
    """The names of what has this effect, those of single subgraphs as `all`."""
    return list(dict.fromkeys(option.general_name for option in options if option.effect is effect))


def list_leaves(options: Sequence[Option]) -> list[Option]:
    """The options that have an effect, those of single subgraphs left out where all have the same."""
    names = {option.name for option in options}
    return [
        option
        for option in options
        if option.effect is Effect.FULL
        and not _is_inner(option, options)
        and (option.name == option.general_name or option.general_name not in names)
    ]


def _is_inner(option: Option, options: Sequence[Option]) -> bool:
    """Whether it is nothing but what holds the others."""
    depth = len(option.path)
    return option.kind in {"mapping", "list"} and any(
        other.path[:depth] == option.path and len(other.path) > depth for other in options
    )


def _write_row(option: Option, meanings: Mapping[str, str]) -> str:
    cells = (
        f"`{option.name}`",
        option.kind,
        _write_default(option.default),
        meanings.get(option.general_name, ""),
    )
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"


def _write_default(default: JsonValue) -> str:
    if default is None or default == []:
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, list):
        return ", ".join(f"`{item}`" for item in default)
    return f"`{default}`"
