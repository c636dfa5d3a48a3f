"""A picture for a product that has none: its initials on its own colours, as SVG in a data URL."""

import base64
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from subgraphs.common.errors import BadUserInputError

WIDTH = 128
WIDTH_MIN = 16
WIDTH_MAX = 1_024
_COLOR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_LIGHTNESS_HALF = 128


def build_tile(name: str, attributes: Mapping[str, Any], width: int | None) -> str:
    """The data URL of a square tile, `width` pixels wide.

    Its colour is the first usable one of the attribute `colors`.

    Raises:
        BadUserInputError: the width is out of bounds.
    """
    size = WIDTH if width is None else width
    if not WIDTH_MIN <= size <= WIDTH_MAX:
        raise BadUserInputError(f"An image is {WIDTH_MIN} to {WIDTH_MAX} pixels wide.")
    ground = _find_color(attributes.get("colors")) or "#3b4252"
    ink = "#000000" if _lightness(ground) > _LIGHTNESS_HALF else "#ffffff"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="12" fill="{ground}"/>'
        f'<text x="32" y="42" font-family="sans-serif" font-size="28" text-anchor="middle" fill="{ink}">'
        f"{escape(_initials(name))}</text></svg>"
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _find_color(colors: object) -> str | None:
    given = colors if isinstance(colors, list) else []
    return next((color for color in given if isinstance(color, str) and _COLOR.fullmatch(color)), None)


def _lightness(color: str) -> float:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or name[:1]
