"""A certificate made on the spot, for the page with which a phone films live.

Browsers let a page use the camera only if it is from this computer itself or comes over an encrypted connection. No
authority certifies an address in a private network, so the certificate is signed by its own key, and the phone asks
its user about it once. Key and certificate live as long as the access; neither is kept.
"""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID = timedelta(days=2)
_CLOCKS_DIFFER = timedelta(days=1)
"""A phone whose clock is late must not find the certificate to be from the future."""


def certified_context(address: str) -> tuple[ssl.SSLContext, str]:
    """Return what encrypts the connections to an address of this computer, and the fingerprint of its certificate.

    Parameters
    ----------
    address
        IP address.

    Returns
    -------
    tuple[ssl.SSLContext, str]
        The context of a server, and the SHA-256 fingerprint as browsers show it: pairs of hexadecimal digits.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(address, key)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # OpenSSL reads keys from files only; the folder is for this user alone and gone before anybody connects.
    with tempfile.TemporaryDirectory(prefix="hipform-") as folder:
        path = Path(folder) / "key.pem"
        path.touch(0o600)
        path.write_bytes(pem)
        context.load_cert_chain(path)
    return context, certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _certificate(address: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"hipform on {address}")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        # It can certify nothing else, whatever a phone's user accepts.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
