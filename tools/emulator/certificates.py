"""Certificates, and an authority that signs them."""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Authority:
    """A certificate authority.

    Args:
        folder: where its files go.
        lenient: whether its certificates lack what RFC 5280 wants and many inspecting proxies leave out: key
            identifiers and key usage. Python's strict verification refuses these.
    """

    def __init__(self, folder: Path, *, lenient: bool = False) -> None:
        self._lenient = lenient
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("An authority of tests")
        builder = self._builder(self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        if not lenient:
            builder = builder.add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
            ).add_extension(_usage(signs_certificates=True), critical=True)
        self.pem = _pem(builder.sign(self._key, hashes.SHA256()))
        """The authority's certificate: what a client has to trust."""

    def issue(self, *hosts: str, days: int = 1) -> Path:
        """Sign a certificate for names or addresses of hosts that ends in `days`; return a file with its key and itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(hosts[0]), key.public_key(), days)
        builder = builder.add_extension(x509.SubjectAlternativeName(_general_names(hosts)), critical=False)
        if not self._lenient:
            builder = (
                builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                .add_extension(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
                )
                .add_extension(_usage(signs_certificates=False), critical=True)
            )
        path = self._folder / f"{hosts[0]}.pem"
        path.write_bytes(_private_pem(key) + _pem(builder.sign(self._key, hashes.SHA256())))
        return path

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int = 1) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return x509.CertificateBuilder(
            issuer_name=self._name,
            subject_name=subject,
            public_key=key,
            serial_number=x509.random_serial_number(),
            not_valid_before=now - 2 * DAY,
            not_valid_after=now + days * DAY,
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    return [x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
