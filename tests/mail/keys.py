"""Keys of the tests' own, made anew for each run."""

from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from app.mail.dkim import DkimSigner

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@cache
def make_key(number: int = 1) -> rsa.RSAPrivateKey:
    """Return the same key for the same number."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_signer(number: int = 1) -> DkimSigner:
    return DkimSigner(make_key(number), "couvert", "stockholm.test")


def verifies(content: bytes, signer: DkimSigner) -> bool:
    """Ask dkimpy, as a receiver would, with the signer's record in place of DNS."""

    def published(name: bytes, *, timeout: int) -> bytes:
        del timeout
        return signer.record.encode() if name.decode() == f"{signer.record_name}." else b""

    return dkim.verify(content, dnsfunc=published)


def pem(
    key: PrivateKey, *, form: PrivateFormat = PrivateFormat.PKCS8, pass_phrase: bytes = b""
) -> str:
    locked: KeySerializationEncryption = NoEncryption()
    if pass_phrase:
        locked = BestAvailableEncryption(pass_phrase)
    return key.private_bytes(Encoding.PEM, form, locked).decode("ascii")
