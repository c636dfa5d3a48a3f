"""`python -m stack.provider`: the sandbox provider, set up by its environment (see `read`)."""

import os
import sys
from collections.abc import Mapping
from datetime import timedelta

import uvicorn
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from stack.provider.app import Provider, create_app
from stack.provider.book import Book
from stack.provider.messages import SIGNATURE_HEADER, Manners, Messages

_TIMEOUT_S = 5.0


def read(environ: Mapping[str, str]) -> Provider:
    """Set the provider up: PROVIDER_URL, _KEY, _SECRET, _BOOK (a file), _WEBHOOK_URL; and how it behaves.

    PROVIDER_SETTLE_S and PROVIDER_DELAY_S are seconds; PROVIDER_LOSE_EVERY and PROVIDER_DOUBLE_EVERY are numbers of
    messages; PROVIDER_REVERSED=1 sends those that wait together newest first.
    """
    client = (
        ClientBuilder()
        .follow_redirects(enable=False)
        .no_proxy()
        .timeout(timedelta(seconds=_TIMEOUT_S))
        .build()
    )

    async def post(body: bytes, signature: str) -> int:
        headers = [(SIGNATURE_HEADER, signature), ("content-type", "application/json")]
        try:
            request = client.post(environ["PROVIDER_WEBHOOK_URL"]).headers(headers).body_bytes(body)
            return (await request.build().send()).status
        except PyreqwestError as error:
            raise OSError(type(error).__name__) from error

    manners = Manners(
        delay_s=float(environ.get("PROVIDER_DELAY_S", "0")),
        lose_every=int(environ.get("PROVIDER_LOSE_EVERY", "0")),
        double_every=int(environ.get("PROVIDER_DOUBLE_EVERY", "0")),
        is_reversed=environ.get("PROVIDER_REVERSED") == "1",
    )
    return Provider(
        url=environ["PROVIDER_URL"],
        api_key=environ["PROVIDER_KEY"],
        book=Book(environ["PROVIDER_BOOK"], float(environ.get("PROVIDER_SETTLE_S", "1"))),
        messages=Messages(post, environ["PROVIDER_SECRET"], manners),
    )


def main() -> None:
    """Serve; the exit code is 2 where the environment does not say how."""
    try:
        provider, port = read(os.environ), int(os.environ["PROVIDER_PORT"])
    except KeyError as error:
        print(f"{error.args[0]} is not set: `PAYMENTS_GATEWAY=sandbox make up` sets it", file=sys.stderr)
        sys.exit(2)
    uvicorn.run(
        create_app(provider),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=port,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
