"""Reading YAML as Apollo Router does: `on`, `off`, `yes` and `no` are strings (YAML 1.2), and no key comes twice."""

import re
from collections.abc import Iterable
from typing import Any

import yaml

from router.config.problems import ConfigurationError
from router.kit.json import JsonValue

NESTING_MAX = 200
_TOO_DEEP = "it nests too deep"

VALUES_MAX = 100_000
"""Values of one file, aliases replaced: a few lines of aliases can come to billions."""


class _Loader(yaml.SafeLoader):
    """PyYAML reads YAML 1.1, where `log: off` is a Boolean."""

    yaml_implicit_resolvers = {  # noqa: RUF012 -- PyYAML's own name, replaced as a whole
        first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT002 -- PyYAML's
        seen: set[object] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} comes twice", key_node.start_mark
                )
            seen.add(str(key))
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def read_yaml(text: str) -> JsonValue:
    """The value of one YAML document; None if it is empty.

    Raises:
        ConfigurationError: it is no YAML, a key comes twice in one mapping, or it is larger than any configuration.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _measure(node, {})
        return loader.construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError([f"no YAML: {error}"]) from error
    except RecursionError as error:
        raise ConfigurationError([f"no YAML: {_TOO_DEEP}"]) from error
    finally:
        loader.dispose()


def add_lines(text: str, problems: Iterable[str]) -> list[str]:
    """The problems, each with the line of what its name stands at; where that is not written, of what is around it."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
    finally:
        loader.dispose()
    return [f"line {_find_line(root, problem)}: {problem}" for problem in problems]


def _find_line(node: yaml.Node | None, name: str) -> int:
    """The line, from 1, of what `name` begins with, as `headers.all.request[0] must be a mapping`."""
    line = 1
    while node is not None:
        node, name, line = _step(node, name) or (None, "", line)
    return line


def _step(node: yaml.Node, name: str) -> tuple[yaml.Node, str, int] | None:
    """What the first step of `name` leads to, the rest of it, and the line; keys may have dots in them."""
    if isinstance(node, yaml.SequenceNode):
        index = re.match(r"\[(\d+)\]", name)
        if index is None or int(index[1]) >= len(node.value):
            return None
        inner = node.value[int(index[1])]
        return inner, name[index.end() :].removeprefix("."), inner.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            rest = name[len(key.value) :]
            if name.startswith(str(key.value)) and (not rest or rest[0] in ".[ "):
                return inner, rest.removeprefix("."), key.start_mark.line + 1
    return None


def _measure(node: yaml.Node, known: dict[int, int | None], depth: int = 0) -> int:
    """How many values `node` comes to with every alias replaced by what it names; `known` has those of other nodes.

    Raises:
        ValueError: they are too many, nest too deep, or it contains itself.
    """
    if depth > NESTING_MAX:
        raise ValueError(_TOO_DEEP)
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in known:
        size = known[id(node)]
        if size is None:
            raise ValueError("an alias names what it stands in")
        return size
    # It is being measured.
    known[id(node)] = None
    inner = (
        [each for pair in node.value for each in pair] if isinstance(node, yaml.MappingNode) else node.value
    )
    size = 1
    for each in inner:
        size += _measure(each, known, depth + 1)
        if size > VALUES_MAX:
            raise ValueError(f"it comes to more than {VALUES_MAX} values")
    known[id(node)] = size
    return size
