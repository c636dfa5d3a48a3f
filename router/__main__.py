"""`python -m router serve | compose | check | contract | plan | graph | config`.

Exit codes: 0 done, 1 refused (a schema that does not compose, an operation that has no plan, a
configuration that is not understood), 2 not called correctly.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from router import __version__
from router.commands import check, compose, config, contract, graph, plan, serve
from router.commands.exit_codes import REFUSED
from router.config.problems import ConfigurationError

COMMANDS = (serve, compose, check, contract, plan, graph, config)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    options = build_parser(os.environ).parse_args(arguments)
    try:
        code: int = options.run(options)
    except ConfigurationError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return REFUSED
    except (OSError, UnicodeDecodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    return code


def build_parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    """The command line; Apollo Router's environment variables stand in for its flags."""
    parser = argparse.ArgumentParser("router", description="A GraphQL federation router.")
    parser.add_argument("-V", "--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for command in COMMANDS:
        command.add(commands, environment)
    return parser


if __name__ == "__main__":
    sys.exit(main())
