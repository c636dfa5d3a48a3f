"""The style sheet of pictures: fonts, and two sets of colours of which the reader's system picks one."""

from router.picture.palette import colour

_FONTS = """
text { font: 13px ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
.title { font-size: 24px; font-weight: 700; }
.name { font-size: 15px; font-weight: 600; }
.type { font-size: 17px; font-weight: 700; }
.label { font-size: 12px; font-weight: 600; }
.small { font-size: 12px; }
.mono { font: 12px ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.end { text-anchor: end; }
.line { fill: none; stroke-width: 1.7; opacity: 0.7; }
.arrow:hover > .line { stroke-width: 4; opacity: 1; }
.face { stroke-width: 1; }
.frame { fill: none; stroke-width: 1; stroke-dasharray: 5 4; }
.type > .face { stroke-dasharray: 4 3; }
"""
_LIGHT = {"page": "#f6f7f9", "ink": "#1c2330", "muted": "#667085", "face": "#ffffff", "line": "#d8dde6"}
_DARK = {"page": "#12161d", "ink": "#e8ecf3", "muted": "#98a2b3", "face": "#1b212b", "line": "#343c4a"}


def write_style(subgraphs: int) -> str:
    """The `<style>` element: `gN` fills, `fN` writes and `sN` strokes in the colour of the subgraph N."""
    dark = _write_colours(_DARK, subgraphs, is_dark=True)
    light = _write_colours(_LIGHT, subgraphs, is_dark=False)
    return f"<style>{_FONTS}{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n</style>"


def _write_colours(colours: dict[str, str], subgraphs: int, *, is_dark: bool) -> str:
    rules = [
        f".page {{ fill: {colours['page']}; }}",
        f"text {{ fill: {colours['ink']}; }}",
        f".muted {{ fill: {colours['muted']}; }}",
        f".face {{ fill: {colours['face']}; stroke: {colours['line']}; }}",
        f".flow, .frame {{ stroke: {colours['muted']}; }} .tip {{ fill: {colours['muted']}; }}",
    ]
    for i in range(subgraphs):
        value = colour(i, is_dark=is_dark)
        rules.append(f".g{i}, .f{i} {{ fill: {value}; }} .s{i} {{ stroke: {value}; }}")
    return "\n".join(rules)
