"""How `compose` and `contract` end: a schema in a file or on standard output, findings beside it, or one JSON document."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from router.commands.exit_codes import DONE, REFUSED
from router.commands.files import describe_fault, write_text
from router.commands.findings import Result, print_findings, write_failure, write_result
from router.config.problems import ConfigurationError


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say where the outcome goes, and how."""
    parser.add_argument(
        "-o", "--output", type=Path, help="where to write it; else, or with -, standard output"
    )
    parser.add_argument(
        "--format",
        choices=("plain", "json"),
        default="plain",
        help="json: one document, errors and hints in it",
    )


def report(options: argparse.Namespace, work: Callable[[], int]) -> int:
    """Do the work; with `--format json`, what prevents it is told in JSON too.

    Raises:
        ConfigurationError: without `--format json`, as the work.
        OSError: the same.
    """
    if options.format == "plain":
        return work()
    try:
        return work()
    except (ConfigurationError, OSError, UnicodeDecodeError) as error:
        write_text(None, write_failure(describe_fault(error)))
        return REFUSED


def write_outcome(
    options: argparse.Namespace, result: Result, *, text: str, schemas: Mapping[str, str]
) -> int:
    """Write what a composition or a contract gave; gives the exit code.

    Args:
        options: what `add_output` added to the command line.
        result: the findings, which have errors if there is nothing to write.
        text: what is written plainly.
        schemas: what is written in JSON, by its keys.

    Raises:
        OSError: the file cannot be written.
    """
    if options.format == "json":
        text = write_result(result, schemas)
    else:
        print_findings(result)
    if not result.errors:
        write_text(options.output, text)
    elif options.format == "json":
        write_text(None, text)
    return REFUSED if result.errors else DONE
