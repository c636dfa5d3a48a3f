"""What `auth.TokenVerifier` has to know of auth, asked over HTTP: its public keys, and what it has called back."""

from datetime import timedelta
from typing import Any

import orjson
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from subgraphs.common.auth import KeySource, TokenVerifier
from subgraphs.common.errors import UnavailableError
from subgraphs.common.internal import InternalPeer
from subgraphs.common.revocation import Revocations, build_revocation_source
from subgraphs.common.settings import CommonSettings

TIMEOUT_S = 3.0
STATUS_OK = 200


def build_key_source(url: str) -> KeySource:
    """A source that reads the JSON Web Key Set at `url` at each call.

    It is called rarely (the verifier keeps the keys), so it keeps no connection. It raises `UnavailableError`
    when auth does not answer as agreed: a token that cannot be checked is not the same as a wrong one.
    """

    async def read_keys() -> dict[str, Any]:
        try:
            async with (
                ClientBuilder().no_proxy().timeout(timedelta(seconds=TIMEOUT_S)).build() as client,
                client.get(url).build_streamed() as response,
            ):
                status, content = response.status, bytes(await response.bytes())
            key_set = orjson.loads(content)
        except (PyreqwestError, orjson.JSONDecodeError) as error:
            raise UnavailableError from error
        if status != STATUS_OK or not isinstance(key_set, dict):
            raise UnavailableError
        return key_set

    return read_keys


def build_verifier(common: CommonSettings, auth: InternalPeer) -> TokenVerifier:
    """The verifier of a service beside auth."""
    revocations = Revocations(build_revocation_source(auth))
    return TokenVerifier(
        build_key_source(common.jwks_url), common.jwt_issuer, common.jwt_audience, revocations
    )
