"""A colour for each subgraph, one for light and one for dark backgrounds: as far apart as there are subgraphs."""

import colorsys

_FIRST = ("#2563eb", "#d9480f", "#0f8a5f", "#9333ea", "#c2255c", "#0e7490", "#a16207", "#4d7c0f")
_FIRST_DARK = ("#7aa7ff", "#ff9a66", "#4fd1a1", "#c59bff", "#ff8ab3", "#5fd0e6", "#e6bd4f", "#a8d65c")
_GOLDEN = 0.618033988749895
"""Steps of the golden ratio around the circle of hues never come close to each other again."""


def colour(index: int, *, is_dark: bool) -> str:
    """The colour of the subgraph `index`, as `#rrggbb`."""
    chosen = _FIRST_DARK if is_dark else _FIRST
    if index < len(chosen):
        return chosen[index]
    hue = (index * _GOLDEN) % 1.0
    red, green, blue = colorsys.hls_to_rgb(hue, 0.72 if is_dark else 0.38, 0.65)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
