"""Users' own settings, beside those that all subgraphs have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from subgraphs.common.settings import CommonSettings, SettingsError

_COOLING_OFF_S = 14 * 24 * 3600
_COOLING_OFF_S_MAX = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class UsersSettings:
    """How users runs.

    Attributes:
        cooling_off: how long who asks for the deletion of the own account can think again.
        public_url: the web address of this service for the links of data exports, without a slash at its end.
    """

    common: CommonSettings
    cooling_off: timedelta
    public_url: str


def read_users_settings(common: CommonSettings, environ: Mapping[str, str]) -> UsersSettings:
    """Read users' own settings and put the common ones beside them.

    Raises:
        SettingsError: a variable is unusable.
    """
    given = environ.get("USERS_COOLING_OFF_S") or str(_COOLING_OFF_S)
    seconds = int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else -1  # noqa: PLR2004
    if not 0 <= seconds <= _COOLING_OFF_S_MAX:
        raise SettingsError(
            f"users cannot start:\n  USERS_COOLING_OFF_S must be a number from 0 to {_COOLING_OFF_S_MAX}, "
            f"not {given[:40]!r}"
        )
    public_url = environ.get("USERS_PUBLIC_URL") or f"http://localhost:{common.port}"
    return UsersSettings(common, timedelta(seconds=seconds), public_url.rstrip("/"))
