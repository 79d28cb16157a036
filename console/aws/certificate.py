"""A made-up certificate of 127.0.0.1 for an embedded AWS that speaks TLS."""

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "changeit"  # noqa: S105 Java asks for one; the certificate is no secret
_DAYS = 30


@dataclass(frozen=True)
class Certificate:
    """Files of a certificate that signs itself, so that it is its own authority."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def java_store(self) -> Path:
        """The same for Java."""
        return self.folder / "certificate.p12"

    @property
    def trusted(self) -> Path:
        """It and the authorities that the machine trusts: synth's pip still has to reach its index."""
        return self.folder / "trusted.pem"

    def trust(self) -> dict[str, str]:
        """Variables that make Node, boto3 and Python trust it, too."""
        names = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
        return dict.fromkeys(names, str(self.trusted))


def make_certificate(folder: Path) -> Certificate:
    """Make a certificate in a folder."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import pkcs12

    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "embedded AWS")])
    now = dt.datetime.now(dt.UTC)
    addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    made.path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    machines = ssl.get_default_verify_paths().cafile
    made.trusted.write_bytes(made.path.read_bytes() + (Path(machines).read_bytes() if machines else b""))
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    entry = pkcs12.PKCS12Certificate(certificate, b"embedded-aws")
    encryption = serialization.BestAvailableEncryption(PASSWORD.encode())
    made.java_store.write_bytes(pkcs12.serialize_java_truststore([entry], encryption))
    return made
