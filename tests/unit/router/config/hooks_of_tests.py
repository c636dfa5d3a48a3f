"""Factories of plugins, good and bad."""

from router.hooks import Plugin


class _Called:
    async def __call__(self, message):
        return None


def build(config):
    """A factory with settings; its hook is an object that can be called."""
    assert config["a"]
    return Plugin(router_request=_Called())


def build_plain():
    """A factory without."""
    return Plugin()


def give_nothing():
    """No plugin."""


def fail():
    """A factory that does not work."""
    raise ValueError("the factory's words")


def build_blocking():
    """A hook that nobody can wait for."""
    return Plugin(router_request=lambda request: None)
