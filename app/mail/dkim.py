"""DKIM signatures (RFC 6376): receivers can prove that the sender's domain sent the mail."""

import base64
from dataclasses import dataclass
from hashlib import sha256
from textwrap import wrap

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dkim import rfc822_parse, select_headers
from dkim.canonicalization import Relaxed

from app.config import MailSettings
from app.mail.message import wire_address

FOLD_AT = 76
SIGNED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"reply-to",
    b"mime-version",
    b"content-type",
    b"list-unsubscribe",  # RFC 8058, 4: one-click needs both of these covered
    b"list-unsubscribe-post",
)
"""The header fields a signature covers, as far as the mail has them."""


@dataclass(frozen=True)
class DkimSigner:
    """Signs mails for one domain.

    dkimpy says what is signed (its canonical form); the RSA is OpenSSL's, which takes a tenth of
    the time of dkimpy's own and tells nothing of the key by how long it takes.
    """

    key: RSAPrivateKey
    selector: str
    domain: str

    @classmethod
    def from_settings(cls, mail: MailSettings) -> "DkimSigner | None":
        """Sign for the sender's domain, as DMARC wants it; None where no key is set."""
        if mail.dkim is None:
            return None
        domain = wire_address(mail.sender).rpartition("@")[2].lower()
        return cls(mail.dkim.key, mail.dkim.selector, domain)

    @property
    def record_name(self) -> str:
        """The name in DNS under which receivers look for the public key."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The text that has to stand there."""
        return f"v=DKIM1; k=rsa; p={base64.b64encode(self.public_forms()[0]).decode('ascii')}"

    def public_forms(self) -> tuple[bytes, bytes]:
        """Return the public key in both forms that may be published, the usual one first."""
        public = self.key.public_key()
        return (
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            public.public_bytes(Encoding.DER, PublicFormat.PKCS1),
        )

    def sign(self, content: bytes) -> bytes:
        """Return the whole mail with its signature before it: relaxed/relaxed, rsa-sha256."""
        headers, body = rfc822_parse(content)
        fields = Relaxed.canonicalize_headers(headers)
        present = {name for name, _ in fields}
        # From once more than it stands there: a second one put in would break the signature.
        names = [name for name in SIGNED if name in present] + [b"from"]
        head = self._head(names, sha256(Relaxed.canonicalize_body(body)).digest())
        covered = [*select_headers(fields, names), _unsigned(head)]
        signature = self._signature(b"".join(name + b":" + value for name, value in covered))
        return b"%b\r\n %b\r\n%b" % (head, signature, content)

    def _head(self, names: list[bytes], body_hash: bytes) -> bytes:
        """Return the field up to its empty b=; blanks stand where it may be folded."""
        tags = (
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;"
            f" d={self.domain}; s={self.selector};"
            f" h={b': '.join(names).decode('ascii')};"
            f" bh={base64.b64encode(body_hash).decode('ascii')}; b="
        )
        return _folded(tags)

    def _signature(self, covered: bytes) -> bytes:
        signature = self.key.sign(covered, PKCS1v15(), SHA256())
        return b"\r\n ".join(
            line.encode("ascii")
            for line in wrap(base64.b64encode(signature).decode("ascii"), FOLD_AT - 1)
        )


def _unsigned(head: bytes) -> tuple[bytes, bytes]:
    """Return the signature's own field as it is covered: b= empty, no line end."""
    (name, value), *_ = Relaxed.canonicalize_headers([head.split(b":", 1)])
    return name, value.rstrip()


def _folded(tags: str) -> bytes:
    lines = wrap(
        tags, FOLD_AT, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False
    )
    return "\r\n".join(lines).encode("ascii")
