"""The type of what a command adds its parser to: argparse keeps that class to itself."""

import argparse
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 -- there is no other name
