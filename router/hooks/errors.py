"""What can go wrong with a hook."""

from router.errors import RouterError


class HookError(RouterError):
    """A hook has failed, taken too long, or left what cannot be sent. The message names it, and nothing more."""
