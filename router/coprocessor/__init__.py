"""Hooks in a process of their own: Apollo Router's coprocessor protocol, version 1."""

from router.coprocessor.options import CoprocessorOptions
from router.coprocessor.plugin import build_plugin

__all__ = ["CoprocessorOptions", "build_plugin"]
