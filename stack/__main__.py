"""`python -m stack up | reset | status | studio | bulk | verify`: the whole marketplace on this machine."""

import argparse
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from stack import progress
from stack.accounts import dying_with_us
from stack.bulk import load_bulk
from stack.cluster import reached_databases
from stack.errors import StackError
from stack.settings import StackSettings, read_environment, read_settings
from stack.up import up
from stack.upkeep import build_studio, reset, status
from stack.verify.verify import verify

_FAILED = 1
_NOT_SO = 3


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code.

    0 well, 1 a fault that was told, 3 `status` and not all runs, or `verify` and not all holds.
    """
    options = _parser().parse_args(arguments)
    try:
        environment = read_environment()
        settings = read_settings(environment, options.data)
        match options.command:
            case "reset":
                reset(settings, is_agreed=options.yes)
            case "studio":
                build_studio(settings, environment)
            case "status":
                return 0 if status(settings) else _NOT_SO
            case "bulk":
                _end_on_signals(end_with_parent=False)
                load_bulk(settings, environment, options.orders)
            case "verify":
                return 0 if _verify(settings, environment) else _NOT_SO
            case _:
                _end_on_signals(end_with_parent=options.end_with_parent)
                up(settings, environment, has_studio=options.studio)
    except KeyboardInterrupt:
        progress.say("\nThe marketplace is stopped." if options.command == "up" else "\nInterrupted.")
    except StackError as error:
        print(f"\n{error}", file=sys.stderr)
        return _FAILED
    except OSError as error:
        print(f"\n{error}\nCheck who owns the data directory, and that there is space.", file=sys.stderr)
        return _FAILED
    return 0


def _verify(settings: StackSettings, environment: Mapping[str, str]) -> bool:
    with reached_databases(settings, environment) as (environments, _):
        return verify(environments.database_urls)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("--data", type=Path, help="data directory (default: MARKETPLACE_DATA_DIR or .data)")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", help="start everything; Ctrl-C stops it")
    start.add_argument(
        "--end-with-parent", action="store_true", help="stop when the program that called us ends"
    )
    start.add_argument("--no-studio", dest="studio", action="store_false", help="do not build GraphiQL")
    delete = commands.add_parser("reset", help="throw away all data, after asking")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    commands.add_parser("status", help="tell what runs")
    commands.add_parser("studio", help="build GraphiQL and wait for it")
    bulk = commands.add_parser(
        "bulk", help="load very many orders, for measuring; safe to interrupt and to repeat"
    )
    bulk.add_argument(
        "--orders",
        type=int,
        default=100_000,
        help="how many, with a tenth as many products (default: %(default)s)",
    )
    commands.add_parser("verify", help="check that the five databases tell one story; writes nothing")
    return parser


def _end_on_signals(*, end_with_parent: bool) -> None:
    """Let SIGTERM and a closed terminal end us as Ctrl-C does; a second one changes nothing.

    Stopping takes some seconds at most, and is what makes sure that nothing is left.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    if end_with_parent:
        dying_with_us(signal.SIGTERM, parent=os.getppid())()


if __name__ == "__main__":
    sys.exit(main())
