"""The marketplace's policies: rules of `@policy` that the schema names and only code can decide.

`router.yaml` names these functions. Each gets the claims of the caller's access token, none for an
anonymous caller, and is awaited once for an operation that needs it. The subgraphs decide the same from
the same claims, so the router is not the only guard.
"""

import time
from collections.abc import Mapping
from typing import Any

MFA_AGE_S_MAX = 600
"""How long a second factor counts as recent."""
LEEWAY_S = 30
"""How far the clock of who signs may be ahead of ours."""


async def verified_email(claims: Mapping[str, Any]) -> bool:
    """Whether the caller has proved that the account's mail address is theirs."""
    return claims.get("email_verified") is True


async def recent_mfa(claims: Mapping[str, Any]) -> bool:
    """Whether the caller gave a second factor within the last ten minutes (`mfa_at`, Unix seconds)."""
    mfa_at = claims.get("mfa_at")
    if isinstance(mfa_at, bool) or not isinstance(mfa_at, int | float):
        return False
    return -LEEWAY_S <= time.time() - mfa_at <= MFA_AGE_S_MAX
