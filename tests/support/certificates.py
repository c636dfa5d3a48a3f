"""Certificates for tests: an authority, and whom it signs."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, each as PEM."""

    chain: str
    key: str

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Files with both, which is how servers want them."""
        chain, key = folder / f"{name}.pem", folder / f"{name}.key"
        chain.write_text(self.chain)
        key.write_text(self.key)
        return chain, key

    def build_server_context(self, folder: Path, clients_of: "Authority | None" = None) -> ssl.SSLContext:
        """What a server presents; `clients_of` makes it ask its clients for a certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.write(folder, "server"))
        if clients_of is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=clients_of.pem)
        return context


class Authority:
    """Signs certificates; nobody trusts it unless told so, or who trusts the one above it."""

    def __init__(self, name: str = "Test authority", above: "Authority | None" = None) -> None:
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        issuer = above or self
        builder = _begin(self._name, issuer._name, self._key, 1)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.pem = _pem(builder.sign(issuer._key, hashes.SHA256()))

    def sign(self, *names: str, days: int = 1) -> Certificate:
        """A certificate for these host names; with negative `days` one that has ended."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = _begin(subject, self._name, key, days).add_extension(alternatives, critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        encoding = serialization.Encoding.PEM
        private = serialization.PrivateFormat.PKCS8
        key_pem = key.private_bytes(encoding, private, serialization.NoEncryption()).decode()
        return Certificate(_pem(signed), key_pem)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
