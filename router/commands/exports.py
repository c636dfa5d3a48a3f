"""What the code of subgraphs exports: asked of a command for each."""

import shlex
import subprocess
from collections.abc import Iterable, Sequence

from router.composition import SubgraphSource
from router.config.problems import ConfigurationError

_NAME = "{name}"


def run_exports(
    commands: Sequence[str], sources: Iterable[SubgraphSource], timeout_s: float
) -> dict[str, str]:
    """Run the commands; gives the SDL that each printed, by subgraph.

    A command `NAME=COMMAND` is for that subgraph, any other for all subgraphs whose schema is a file; `{name}` in it
    stands for the subgraph's name. No shell is asked.

    Raises:
        ConfigurationError: a command cannot be run, fails, prints nothing or takes too long; all problems at once.
    """
    sources = tuple(sources)
    general, special = _sort(commands, {source.name for source in sources})
    problems: list[str] = []
    exported: dict[str, str] = {}
    for source in sources:
        command = special.get(source.name) or (general if _is_file(source) else None)
        if command is not None:
            exported[source.name] = _run(command, source.name, timeout_s, problems)
    if problems:
        raise ConfigurationError(problems)
    return exported


def _sort(commands: Sequence[str], names: set[str]) -> tuple[str | None, dict[str, str]]:
    """The command for all, and those for one subgraph each."""
    general: str | None = None
    special: dict[str, str] = {}
    for given in commands:
        name, _, own = given.partition("=")
        if name in names and own:
            special[name] = own
        elif general is None:
            general = given
        else:
            raise ConfigurationError([f"--export {given}: there is one for all subgraphs already"])
    return general, special


def _is_file(source: SubgraphSource) -> bool:
    return bool(source.file) and "://" not in source.file


def _run(command: str, name: str, timeout_s: float, problems: list[str]) -> str:
    try:
        words = [word.replace(_NAME, name) for word in shlex.split(command)]
        done = subprocess.run(  # noqa: S603 -- the user's own command, without a shell
            words, capture_output=True, timeout=timeout_s, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.decode("utf-8")
        told = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        problems.append(
            f"the export of {name} ended with {done.returncode} and no schema: {told or 'it said nothing'}"
        )
    except (ValueError, IndexError) as error:
        problems.append(f"the export of {name} is no command, or prints no UTF-8: {error}")
    except OSError as error:
        problems.append(f"the export of {name} cannot be run: {error}")
    except subprocess.TimeoutExpired:
        problems.append(f"the export of {name} takes longer than {timeout_s:g} s")
    return ""
