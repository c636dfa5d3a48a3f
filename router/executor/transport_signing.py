"""Requests to subgraphs behind AWS, signed: Apollo's `authentication.subgraph.*.aws_sig_v4`.

The signature and where credentials come from (environment, profile, machine, role) are botocore's. It is imported only where this is.

Spec: AWS Signature Version 4.
"""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import AssumeRoleCredentialFetcher, Credentials, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session
from msgspec.structs import replace

from router.executor.options import AwsSigning
from router.executor.transport import (
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTimeoutError,
    SubgraphTransport,
    TransportError,
)

CONTENT_HASH = "x-amz-content-sha256"
OURS = frozenset({"authorization", "x-amz-date", "x-amz-security-token", CONTENT_HASH})
HASH_TOLD = frozenset({"appsync"})
"""Services that want to be told the body's hash."""

UNSIGNED = {"vpc-lattice-svcs": "UNSIGNED-PAYLOAD"}
"""Services that do not look at bodies."""


class SigningTransport:
    """Sends by another transport, each request signed anew: a signature holds for minutes."""

    def __init__(self, transport: SubgraphTransport, urls: Mapping[str, str], options: AwsSigning) -> None:
        self.transport = transport
        self._urls = dict(urls)
        self._options = options
        self._credentials: Any = None

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer.

        Raises:
            TransportError: no usable answer, or no credentials to sign with.
        """
        try:
            async with asyncio.timeout(request.timeout_s):
                credentials = await self._find_credentials()
        except TimeoutError as error:
            raise SubgraphTimeoutError("no credentials within the time allowed") from error
        except (BotoCoreError, ClientError) as error:
            raise TransportError(f"the request cannot be signed: {type(error).__name__}") from error
        kept = tuple(each for each in request.headers if each[0] not in OURS)
        signed = self._sign(request.url or self._urls.get(request.subgraph, ""), request.body, credentials)
        return await self.transport.send(replace(request, headers=(*kept, *signed)))

    async def close(self) -> None:
        """Close the other transport."""
        await self.transport.close()

    async def _find_credentials(self) -> Any:
        credentials = self._credentials
        if credentials is None:
            credentials = self._credentials = await asyncio.to_thread(_open_credentials, self._options)
        needs_refresh = getattr(credentials, "refresh_needed", None)
        if needs_refresh is None or not needs_refresh():
            return credentials.get_frozen_credentials()
        # It asks over the network, and waits.
        return await asyncio.to_thread(credentials.get_frozen_credentials)

    def _sign(self, url: str, body: bytes, credentials: Any) -> list[tuple[str, str]]:
        service = self._options.service_name
        request = AWSRequest("POST", url, data=body)
        if service in UNSIGNED:
            request.headers[CONTENT_HASH] = UNSIGNED[service]
        elif service in HASH_TOLD:
            request.headers[CONTENT_HASH] = sha256(body).hexdigest()
        SigV4Auth(credentials, service, self._options.region).add_auth(request)
        return [(name.lower(), str(value)) for name, value in request.headers.items()]


def _open_credentials(options: AwsSigning) -> Any:
    """The credentials, as botocore has them; blocks.

    Raises:
        BotoCoreError: there are none.
    """
    session = Session(profile=options.profile_name or None)
    if options.access_key_id:
        source: Any = Credentials(options.access_key_id, options.secret_access_key)
    else:
        source = session.get_credentials()
    if source is None:
        raise NoCredentialsFoundError
    if options.role_arn is None:
        return source
    session.set_config_variable("region", options.region)
    named = {"RoleSessionName": options.role_session_name}
    if options.external_id is not None:
        named["ExternalId"] = options.external_id
    fetcher = AssumeRoleCredentialFetcher(session.create_client, source, options.role_arn, extra_args=named)
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")


class NoCredentialsFoundError(BotoCoreError):
    """Neither the environment nor the machine has any."""

    fmt = "there are no credentials"
