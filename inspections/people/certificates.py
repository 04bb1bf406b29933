"""The bureau's own certificates for an office network: tablets trust one authority; it signs the server."""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from inspections.record.command_line import CLI
from inspections.record.errors import HouseError

AUTHORITY_LASTS = timedelta(days=3650)
# Browsers refuse server certificates that last much longer than a year.
SERVER_LASTS = timedelta(days=397)
_CLOCKS_DIFFER = timedelta(hours=1)


class CertificateError(HouseError):
    """A certificate cannot be made from what was given or is there."""


@dataclass(frozen=True)
class MadeCertificates:
    """The files of a bureau's certificates; `authority` is what each tablet installs once."""

    authority: Path
    certificate: Path
    key: Path
    hosts: tuple[str, ...]
    until: datetime
    new_authority: bool


def make_certificates(
    folder: Path, hosts: Sequence[str], *, organisation: str, now: datetime
) -> MadeCertificates:
    """Make a server certificate for these names and addresses, signed by the bureau's own authority.

    The authority is made once and kept; running it again renews the server's certificate alone, so that
    no tablet has to install anything anew.
    """
    names = [_general_name(host) for host in hosts]
    if not names:
        raise CertificateError("没有给出服务器的地址；请用 --host 写明平板要打开的域名或 IP，可以多个。")
    folder.mkdir(parents=True, exist_ok=True)
    authority_file, authority_key_file = folder / "authority.crt", folder / "authority.key"
    is_new = not authority_file.exists()
    if is_new:
        _make_authority(authority_file, authority_key_file, organisation, now)
    authority = x509.load_pem_x509_certificate(authority_file.read_bytes())
    authority_key = _load_key(authority_key_file)
    if authority.not_valid_after_utc - now < SERVER_LASTS:
        raise CertificateError(
            f"本局的证书机构 {authority_file} 将于 {authority.not_valid_after_utc:%Y-%m-%d} 到期，"
            "签不满一年；请移走这两个文件后重新生成，并在每台平板上重新安装。"
        )
    key = ec.generate_private_key(ec.SECP256R1())
    until = now + SERVER_LASTS
    certificate = (
        _builder(hosts[0], organisation, key, now, until)
        .issuer_name(authority.subject)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "server.crt", folder / "server.key"
    _write_secret(key_file, _private_bytes(key))
    certificate_file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM) + authority_file.read_bytes()
    )
    return MadeCertificates(authority_file, certificate_file, key_file, tuple(hosts), until, is_new)


def ends_at(certificate: Path) -> datetime:
    """The last instant at which a certificate is valid."""
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except ValueError as error:
        raise CertificateError(
            f"{certificate} 不是 PEM 格式的证书；请重新运行 {CLI} certificate make。"
        ) from error


def _make_authority(certificate_file: Path, key_file: Path, organisation: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    title = f"{organisation} 内部证书"
    usage = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(title, organisation, key, now, now + AUTHORITY_LASTS)
        .issuer_name(_name(title, organisation))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_secret(key_file, _private_bytes(key))
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    common_name: str, organisation: str, key: ec.EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common_name, organisation))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common_name: str, organisation: str) -> x509.Name:
    # X.509 allows 64 characters in each of these.
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    labels = host.split(".")
    is_name = host.isascii() and len(host) <= 253 and all(_is_label(label) for label in labels)
    if not is_name:
        raise CertificateError(f"“{host}”不是域名或 IP 地址；请写成 canyin.local 或 192.168.1.10 的形式。")
    return x509.DNSName(host.lower())


def _is_label(label: str) -> bool:
    letters = label.replace("-", "")
    return (
        0 < len(label) <= 63 and letters.isalnum() and not label.startswith("-") and not label.endswith("-")
    )


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        raise CertificateError(
            f"找不到证书机构的私钥 {path}；请从备份恢复，或移走 authority.crt 后重新生成。"
        )
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateError(f"{path} 不是本程序生成的私钥；请从备份恢复原来的文件。")
    return key


def _private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_secret(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
