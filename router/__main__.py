"""`python -m router serve | compose | check | contract | plan | graph | config`.

Exit codes: 0 done, 1 refused (a schema that does not compose, an operation that has no plan, a
configuration that is not understood), 2 not called correctly.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from router import __version__
from router.commands.exit_codes import REFUSED
from router.commands.files import describe_fault
from router.config.problems import ConfigurationError

COMMANDS = ("serve", "compose", "check", "contract", "plan", "graph", "config")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    given = sys.argv[1:] if arguments is None else [*arguments]
    # A process that serves for months need not hold what composes, compares and draws.
    wanted = given[:1] if given[:1] and given[0] in COMMANDS else COMMANDS
    options = build_parser(os.environ, wanted).parse_args(given)
    try:
        code: int = options.run(options)
    except ConfigurationError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return REFUSED
    except (OSError, UnicodeDecodeError) as error:
        print(f"error: {describe_fault(error)}", file=sys.stderr)
        return REFUSED
    return code


def build_parser(environment: Mapping[str, str], names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The command line, or what of it are the commands `names`; Apollo Router's environment variables stand in for flags."""
    parser = argparse.ArgumentParser("router", description="A GraphQL federation router.")
    parser.add_argument("-V", "--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name in names:
        import_module(f"router.commands.{name}").add(commands, environment)
    return parser


if __name__ == "__main__":
    sys.exit(main())
