"""What concerns connections: `server`, `tls`, and the parts of `limits` and `supergraph` that are about them."""

import ssl

from router.config.section import Section
from router.executor.options import SubgraphTls, TlsOptions
from router.executor.transport_tls import build_tls_context
from router.server.options import ConnectionOptions, ServerTls, ShutdownOptions


def read_http(
    server: Section, limits: Section, body_timeout_s: float
) -> tuple[ConnectionOptions, int | None]:
    """`server.http`, and the limits on heads; the proxies that are trusted. A body may take what a whole request may."""
    defaults = ConnectionOptions()
    http = server.section("http")
    trusted_proxies = http.optional_count("trusted_proxies")
    options = ConnectionOptions(
        head_bytes_max=limits.size("http1_max_request_buf_size", defaults.head_bytes_max),
        headers_max=limits.count("http1_max_request_headers", defaults.headers_max),
        head_timeout_s=http.duration_s("header_read_timeout", defaults.head_timeout_s),
        body_timeout_s=body_timeout_s,
    )
    http.accept_unsupported("tls_handshake_timeout")
    http.finish()
    server.finish()
    return options, trusted_proxies


def read_shutdown(supergraph: Section) -> ShutdownOptions:
    """`supergraph.connection_shutdown_timeout`, and ours beside it, `supergraph.shutdown_delay`."""
    defaults = ShutdownOptions()
    return ShutdownOptions(
        delay_s=supergraph.duration_s("shutdown_delay", defaults.delay_s),
        drain_s=supergraph.duration_s("connection_shutdown_timeout", defaults.drain_s),
    )


def read_tls(section: Section) -> tuple[ServerTls | None, TlsOptions]:
    """`tls.supergraph` and `tls.subgraph`."""
    server = _read_server_tls(section.section("supergraph"))
    subgraph = section.section("subgraph")
    all_subgraphs = subgraph.section("all")
    for_all = _read_subgraph_tls(all_subgraphs, SubgraphTls())
    by_subgraph = {}
    for name, each in subgraph.sections("subgraphs").items():
        by_subgraph[name] = _read_subgraph_tls(each, for_all)
        each.finish()
    section.accept_unsupported("connector")
    for part in (all_subgraphs, subgraph, section):
        part.finish()
    return server, TlsOptions(for_all, by_subgraph)


def _read_server_tls(section: Section) -> ServerTls | None:
    certificate, chain, key = (section.text(name) for name in ("certificate", "certificate_chain", "key"))
    section.finish()
    if not certificate and not key:
        return None
    tls = ServerTls(f"{certificate}\n{chain}", key)
    try:
        tls.build_context()
    except (ssl.SSLError, ValueError):
        section.fail("certificate", "and certificate_chain must be PEM, and key the certificate's")
    return tls


def _read_subgraph_tls(section: Section, inherited: SubgraphTls) -> SubgraphTls:
    client = section.section("client_authentication")
    tls = SubgraphTls(
        certificate_authorities=section.text("certificate_authorities") or inherited.certificate_authorities,
        certificate_chain=client.text("certificate_chain") or inherited.certificate_chain,
        key=client.text("key") or inherited.key,
    )
    client.finish()
    if bool(tls.certificate_chain) != bool(tls.key):
        section.fail("client_authentication", "must have both certificate_chain and key")
        return inherited
    if tls == inherited:
        # Nothing to look at; and to read the machine's authorities takes longer than all the rest of a configuration.
        return inherited
    try:
        build_tls_context(tls)
    except (ssl.SSLError, ValueError):
        section.fail(
            "certificate_authorities", "and client_authentication must be PEM, and the key the certificate's"
        )
    return tls
