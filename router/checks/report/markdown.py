"""The report as Markdown: for a comment on a change, or a summary of a job."""

from collections.abc import Iterable, Iterator

from router.checks.changes import Change, Criticality
from router.checks.check import Check
from router.checks.report.words import count_changes, describe_stale, describe_use, list_reasons, summarize

_TITLES = {
    Criticality.BREAKING: "Breaking",
    Criticality.DANGEROUS: "Dangerous",
    Criticality.SAFE: "Safe",
}


def write_markdown(check: Check) -> str:
    """The report, which begins with the verdict."""
    sections = [
        f"## {'✅' if check.is_safe else '❌'} {summarize(check)}",
        _section("Does not compose", (f"- `{error.code}` {_plain(error.message)}" for error in check.errors)),
        _section("Broken operations", _list_broken(check)),
        _section("Schemas that are not as exported", _list_stale(check)),
        *(_section(title, _list(check.changes, criticality)) for criticality, title in _TITLES.items()),
        *_write_subgraphs(check),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _section(title: str, lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return f"### {title}\n\n{text}" if text else ""


def _list_broken(check: Check) -> Iterator[str]:
    for operation in check.broken:
        yield f"- **{_plain(operation.name)}** ({operation.file}:{operation.line})"
        yield from (f"  - {_plain(reason)}" for reason in list_reasons(operation))


def _list_stale(check: Check) -> Iterator[str]:
    for stale in check.stale:
        yield f"- {describe_stale(stale)} ({stale.file}:{stale.line})"


def _list(changes: Iterable[Change], criticality: Criticality) -> Iterator[str]:
    for change in changes:
        if change.criticality is criticality:
            notes = [", ".join(change.subgraphs), describe_use(change)]
            told = "; ".join(note for note in notes if note)
            yield f"- `{change.kind.value}` {_plain(change.message)}" + (f" ({_plain(told)})" if told else "")


def _write_subgraphs(check: Check) -> Iterator[str]:
    for subgraph in check.subgraphs:
        lines = (
            f"- {change.criticality.value}: `{change.kind.value}` {_plain(change.message)}"
            for change in subgraph.changes
        )
        title = f"Subgraph {subgraph.name}: {count_changes(subgraph.changes)}"
        yield "\n".join((f"<details><summary>{title}</summary>", "", *lines, "", "</details>"))


def _plain(text: str) -> str:
    """A text on one line, of which nothing is taken for markup."""
    escaped = "".join(f"\\{each}" if each in "\\`*_[]<>@#|" else each for each in text)
    return " ".join(escaped.split())
