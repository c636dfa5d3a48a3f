"""JSON's types, and the two functions that cross its border."""

from typing import Any, TypeAlias

import orjson

JsonValue: TypeAlias = Any
"""null, a Boolean, a number, a string, a list or an object of such: what `read_json` gives."""

JsonObject: TypeAlias = dict[str, JsonValue]
"""An object whose keys keep their order."""

read_json = orjson.loads
"""UTF-8 bytes to a value; raises `orjson.JSONDecodeError`, a `ValueError`."""

write_json = orjson.dumps
"""A value to UTF-8 bytes without spaces."""
