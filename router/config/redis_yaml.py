"""The `redis` of some section: Apollo's keys, the same everywhere."""

import ssl
from collections.abc import Collection, Iterable
from importlib.util import find_spec

from router.config.problems import ConfigurationError
from router.config.section import Section
from router.executor.options import SubgraphTls
from router.executor.transport_tls import build_tls_context
from router.kit.redis_options import RedisOptions
from router.kit.redis_urls import read_redis_urls

KEEPING = ("insert_timeout", "ttl", "reset_ttl")
"""What is only about values that are kept."""


def read_redis(
    parent: Section, defaults: RedisOptions, keeping: Collection[str] = KEEPING
) -> RedisOptions | None:
    """`redis` in `parent`; None if it is not there. Of `KEEPING` those in `keeping` have a meaning there."""
    section, is_there = parent.section("redis"), "redis" in parent
    urls = section.texts("urls")
    is_tls = _check_urls(section, urls) if is_there else False
    tls = section.section("tls")
    client = tls.section("client_authentication")
    timeout_s = section.duration_s("timeout", defaults.timeout_s)
    options = RedisOptions(
        url=urls[0] if urls else "",
        namespace=section.text("namespace", defaults.namespace),
        timeout_s=section.duration_s("fetch_timeout", timeout_s),
        write_timeout_s=section.optional_duration_s("insert_timeout")
        if "insert_timeout" in keeping
        else None,
        username=section.text("username"),
        password=section.text("password"),
        ttl_s=section.optional_duration_s("ttl") if "ttl" in keeping else None,
        is_ttl_reset="reset_ttl" in keeping and section.boolean("reset_ttl", default=defaults.is_ttl_reset),
        connections_max=section.positive("pool_size", defaults.connections_max),
        is_required=section.boolean("required_to_start", default=False),
        certificate_authorities=tls.text("certificate_authorities"),
        certificate_chain=client.text("certificate_chain"),
        key=client.text("key"),
        more_urls=urls[1:],
    )
    if options.ttl_s is not None and options.ttl_s < 1:
        section.fail("ttl", "must be 1s or more")
    _check_tls(tls, options, is_tls=is_tls)
    # Its times are those of keeping; the metrics of the client itself are not ours.
    section.accept_ignored("invalidate_timeout", "maintenance_timeout", "metrics_interval")
    section.accept_ignored(*(key for key in KEEPING if key not in keeping))
    for each in (client, tls, section):
        each.finish()
    return options if is_there else None


def _check_urls(section: Section, urls: tuple[str, ...]) -> bool:
    """Whether they are of servers that are reached by TLS."""
    try:
        return read_redis_urls(urls).is_tls
    except ValueError as error:
        section.fail("urls", str(error))
        return False


def _check_tls(section: Section, options: RedisOptions, *, is_tls: bool) -> None:
    texts = (options.certificate_authorities, options.certificate_chain, options.key)
    if not any(texts):
        # Reading the machine's authorities takes long.
        return
    if not is_tls:
        section.fail(
            "certificate_authorities", "and client_authentication need a URL that begins with rediss"
        )
    elif bool(options.certificate_chain) != bool(options.key):
        section.fail("client_authentication", "must have both certificate_chain and key")
    else:
        try:
            build_tls_context(SubgraphTls(*texts))
        except (ssl.SSLError, ValueError):
            section.fail(
                "certificate_authorities",
                "and client_authentication must be PEM, and the key the certificate's",
            )


def check_redis(used: Iterable[tuple[str, RedisOptions | None]]) -> None:
    """Look whether each Redis, by its place in the file, can be used as far as it is required.

    Raises:
        ConfigurationError: its library is not installed, or one that is required does not answer.
    """
    problems = []
    for place, options in used:
        if options is None:
            continue
        if find_spec("redis") is None:
            problems.append(f"{place} needs the library redis: pip install 'federated-marketplace[redis]'")
        elif options.is_required:
            # The library takes long to import.
            from router.executor.redis_client import find_fault  # noqa: PLC0415

            fault = find_fault(options)
            problems += [f"{place}.required_to_start: {fault}"] if fault is not None else []
    if problems:
        raise ConfigurationError(problems)
