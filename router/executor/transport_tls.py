"""TLS towards subgraphs. Certificates are verified, whatever is set."""

import ssl
import tempfile
from pathlib import Path

from router.executor.options import SubgraphTls


def build_tls_context(tls: SubgraphTls) -> ssl.SSLContext:
    """A context that trusts and presents what `tls` says, else the machine's authorities and no certificate.

    Raises:
        ssl.SSLError: a text is no PEM, or the key is not that of the certificate.
    """
    context = ssl.create_default_context(cadata=tls.certificate_authorities or None)
    if tls.certificate_chain:
        load_certificate(context, tls.certificate_chain, tls.key)
    return context


def load_certificate(context: ssl.SSLContext, chain: str, key: str) -> None:
    """Have `context` present a certificate, given as PEM texts.

    Raises:
        ssl.SSLError: a text is no PEM, or the key is not that of the certificate.
    """
    # The standard library reads certificates of its own from files alone; this one only we can read.
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        Path(file.name).write_text(f"{key}\n{chain}", "ascii")
        # A key that asks for a password must not make us wait at a terminal.
        context.load_cert_chain(file.name, password="")
