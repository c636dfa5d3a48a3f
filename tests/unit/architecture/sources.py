"""The Python files that the rules of this folder are about: ours, without the fixtures of other tools."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_FOLDERS = ("router", "subgraphs", "stack", "tests", "bench")
SOURCES = sorted(
    path
    for folder in _FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts and "__pycache__" not in path.parts
)
