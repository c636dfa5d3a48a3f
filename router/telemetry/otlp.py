"""How OTLP's exporters are told where to send: the same for traces and metrics."""

from typing import Any, Protocol

from router.telemetry.options import GrpcTls


class Destination(Protocol):
    """A collector, and how it is reached; see `TracingOptions`."""

    @property
    def endpoint(self) -> str: ...  # noqa: D102

    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...  # noqa: D102

    @property
    def is_grpc(self) -> bool: ...  # noqa: D102

    @property
    def tls(self) -> GrpcTls: ...  # noqa: D102

    @property
    def timeout_s(self) -> float: ...  # noqa: D102


def write_http_arguments(options: Destination, path: str) -> dict[str, Any]:
    """What an exporter over HTTP takes; `path` is the signal's."""
    endpoint = options.endpoint.rstrip("/")
    if not endpoint.endswith(path):
        endpoint += path
    return {"endpoint": endpoint, "headers": dict(options.headers), "timeout": options.timeout_s}


def write_grpc_arguments(options: Destination) -> dict[str, Any]:
    """What an exporter over gRPC takes."""
    # Its library takes long to import.
    from grpc import ssl_channel_credentials  # noqa: PLC0415

    is_insecure = not options.endpoint.startswith("https://")
    tls = options.tls
    pems = [pem.encode() or None for pem in (tls.authorities, tls.key, tls.certificate)]
    named = (("grpc.ssl_target_name_override", tls.domain_name),) if tls.domain_name else ()
    return {
        "endpoint": options.endpoint,
        "insecure": is_insecure,
        "credentials": None if is_insecure else ssl_channel_credentials(*pems),
        "headers": options.headers,
        "timeout": options.timeout_s,
        "channel_options": named,
    }
