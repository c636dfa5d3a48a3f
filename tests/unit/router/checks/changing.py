"""Short ways to compare two schemas in a test."""

from graphql import build_schema

from router.checks.changes import Change
from router.checks.diff import diff_schemas

QUERY = "type Query { a: Int }"


def diff(old: str, new: str) -> list[Change]:
    """The changes between two schemas, whose query type is there if they do not have one."""
    return list(diff_schemas(*(build_schema(_complete(sdl), assume_valid=True) for sdl in (old, new))))


def told(old: str, new: str) -> list[str]:
    """The same as `criticality KIND coordinate`."""
    return [
        f"{each.criticality.value} {each.kind.value} {each.coordinate}".rstrip() for each in diff(old, new)
    ]


def field(type_: str, arguments: str = "", directives: str = "") -> str:
    """A schema with one field, `Query.a`."""
    return f"enum E {{ A B }} input I {{ x: Int }} type Query {{ a{arguments}: {type_} {directives} }}"


def _complete(sdl: str) -> str:
    return sdl if "type Query" in sdl or "schema {" in sdl else f"{sdl}\n{QUERY}"
