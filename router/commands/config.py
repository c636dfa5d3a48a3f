"""`router config`: what a `router.yaml` may say, whether one is right, and old ones in today's words."""

import argparse
import difflib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from router.commands.exit_codes import DONE
from router.commands.parsers import Commands
from router.config.json_schema import build_json_schema
from router.config.meanings import MEANINGS
from router.config.persisted_yaml import load_manifests
from router.config.policies import load_policies
from router.config.reference import write_reference
from router.config.router_yaml import describe_options, read_router_yaml
from router.config.text_file import read_text_file
from router.config.upgrade import upgrade
from router.config.yaml_text import read_yaml

_EXAMPLES = """\
examples:
  python -m router config schema > router.schema.json
  python -m router config validate router.yaml
  python -m router config upgrade --diff router.yaml
"""


def add(commands: Commands, _environment: Mapping[str, str]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "config",
        help="describe, check and upgrade a router.yaml",
        description="Describe, check and upgrade configurations.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = parser.add_subparsers(required=True, metavar="what")
    parts.add_parser("schema", help="print the JSON Schema of router.yaml").set_defaults(run=run_schema)
    parts.add_parser("docs", help="print docs/configuration.md").set_defaults(run=run_docs)
    validate = parts.add_parser("validate", help="tell what is wrong with a file")
    validate.add_argument("file", type=Path)
    validate.set_defaults(run=run_validate)
    rewrite = parts.add_parser("upgrade", help="print a file with today's keys; comments are lost")
    rewrite.add_argument("--diff", action="store_true", help="print what would change")
    rewrite.add_argument("file", type=Path)
    rewrite.set_defaults(run=run_upgrade)


def run_schema(_options: argparse.Namespace) -> int:
    """`router config schema`."""
    print(json.dumps(build_json_schema(describe_options(), MEANINGS), indent=2))
    return DONE


def run_docs(_options: argparse.Namespace) -> int:
    """`router config docs`."""
    print(write_reference(describe_options(), MEANINGS), end="")
    return DONE


def run_validate(options: argparse.Namespace) -> int:
    """`router config validate`: the environment counts, as it will when the file is served."""
    config = read_router_yaml(read_text_file(options.file), os.environ)
    load_policies(config.pipeline.authorization.policies)
    load_manifests(config.pipeline.persisted.manifests)
    for warning in config.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(f"{options.file} is valid")
    return DONE


def run_upgrade(options: argparse.Namespace) -> int:
    """`router config upgrade`."""
    text = read_text_file(options.file)
    value, changes = upgrade(read_yaml(text))
    for change in changes:
        print(change, file=sys.stderr)
    upgraded = yaml.safe_dump(value, sort_keys=False, allow_unicode=True) if changes else text
    if options.diff:
        before, after = text.splitlines(keepends=True), upgraded.splitlines(keepends=True)
        sys.stdout.writelines(difflib.unified_diff(before, after, str(options.file), "upgraded"))
    else:
        print(upgraded, end="")
    return DONE
