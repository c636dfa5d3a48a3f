"""Reading YAML as Apollo Router does: `on`, `off`, `yes` and `no` are strings (YAML 1.2), and no key comes twice."""

import re
from typing import Any

import yaml

from router.config.problems import ConfigurationError
from router.kit.json import JsonValue


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
        ConfigurationError: it is no YAML, or a key comes twice in one mapping.
    """
    try:
        # It is a subclass of the safe loader.
        return yaml.load(text, _Loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise ConfigurationError([f"no YAML: {error}"]) from error
