"""E-mail addresses: read with plain words for what is wrong, and folded for comparison."""

import re
from collections.abc import Callable, Sequence
from unicodedata import normalize

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

WRITE_ADDRESS = "Write it as name@domain."
WRITE_ONE_ADDRESS = "Write only the address, as name@domain."

# A subset of what email_validator accepts and returns as it is, many times as fast. Within 64
# characters no part can be too long. Reserved domains and the role names of RFC 2142, which the
# library puts in lower case, take the long way.
PLAIN_ADDRESS = re.compile(
    r"(?!(?i:info|marketing|sales|support|abuse|noc|security|postmaster|hostmaster|usenet|news"
    r"|webmaster|www|uucp|ftp)@)"
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,}"
)
PLAIN_ADDRESS_LENGTH = 64


class AddressRefusedError(Exception):
    """The text is no address that mail could be sent to."""

    def __init__(self, message: str, mend: str) -> None:
        self.message = message
        self.mend = mend
        super().__init__(f"{message}. {mend}")


def read_address(text: str) -> str:
    """Return the address in its normal form (NFC, domain in lower case).

    Raises:
        AddressRefusedError: it is no address that mail could be sent to.
    """
    if is_plain(text):
        return text
    for is_wrong, message, mend in ADDRESS_MISTAKES:
        if is_wrong(text):
            raise AddressRefusedError(message, mend)
    try:
        return _validate(text).normalized
    except EmailNotValidError as error:
        raise AddressRefusedError(_plain_reason(str(error)), WRITE_ADDRESS) from error


def is_plain(address: str) -> bool:
    """Tell whether the library would take the address exactly as it is, without asking it."""
    return len(address) <= PLAIN_ADDRESS_LENGTH and bool(PLAIN_ADDRESS.fullmatch(address))


def _validate(address: str) -> ValidatedEmail:
    # test_environment lets the reserved names of tests (*.test) pass.
    return validate_email(
        address,
        allow_smtputf8=True,
        check_deliverability=False,
        strict=True,
        test_environment=True,
    )


def _plain_reason(reason: str) -> str:
    if "special-use" in reason:
        return "no mail can reach this domain; its ending is reserved"
    without_brackets = re.sub(r" \([^()]*\)", "", reason)
    return without_brackets[0].lower() + without_brackets[1:].rstrip(".")


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


ADDRESS_MISTAKES: Sequence[tuple[Callable[[str], object], str, str]] = (
    (lambda text: not text, "the address is missing", WRITE_ADDRESS),
    (
        lambda text: text.casefold().startswith("mailto:") or "<" in text or ">" in text,
        "the cell holds more than the address",
        WRITE_ONE_ADDRESS,
    ),
    (
        re.compile(r"@.*[,;/\s].*@").search,
        "the cell holds more than one address",
        "Write one address; another person has a line of their own.",
    ),
    (lambda text: "@" not in normalize("NFKC", text), 'the address has no "@"', WRITE_ADDRESS),
    (lambda text: text.endswith("@"), "the address has no domain", WRITE_ADDRESS),
    (lambda text: text.startswith("@"), 'the address has nothing before the "@"', WRITE_ADDRESS),
    (lambda text: text.count("@") > 1, 'the address has more than one "@"', WRITE_ADDRESS),
    (lambda text: " " in text, "the address has a space in it", "Write it without spaces."),
    (lambda text: ".." in text, "the address has two dots in a row", "Write one dot."),
    (
        lambda text: "." not in _domain(text) and _domain(text).isascii(),
        "the domain of the address has no dot",
        "Write the whole domain, as in name@example.org.",
    ),
)


def email_key(address: str) -> str:
    """Return the form in which two spellings of one address are equal; never raises.

    Case and Unicode compatibility forms are folded (NFKC), the domain is in its ASCII form (IDNA).
    """
    local, at, domain = address.rpartition("@")
    return f"{fold(local)}{at}{_ascii_domain(domain)}"


def fold(text: str) -> str:
    """Return the form in which spellings that differ in case or Unicode form are equal."""
    if text.isascii():
        return text.lower()
    return normalize("NFKC", normalize("NFKC", text).casefold())


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return _validate(f"name@{domain}").ascii_domain or fold(domain)
    except EmailNotValidError:
        return fold(domain)
