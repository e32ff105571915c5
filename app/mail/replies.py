"""What an SMTP server answers or fails to answer, in plain words.

The words are marked for the catalogues here, stored in English, and translated when shown.
"""

import re
from dataclasses import dataclass

from app.language import N_

LONGEST_REPLY = 500
ENHANCED = re.compile(r"[45]\.(\d{1,3}\.\d{1,3})\b")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")

# RFC 3463 and its registry at IANA; the class before the first dot says whether it will last.
BY_DETAIL = {
    "1.0": N_("The server does not accept the address"),
    "1.1": N_("The mailbox does not exist"),
    "1.2": N_("The domain of the address does not exist"),
    "1.3": N_("The address is not written as an address"),
    "1.4": N_("The address fits more than one mailbox"),
    "1.6": N_("The mailbox has moved and left no new address"),
    "1.7": N_("The server does not accept the sender's address"),
    "1.8": N_("The server cannot find the domain of the sender"),
    "1.10": N_("The domain takes no mail"),
    "2.0": N_("The mailbox takes no mail"),
    "2.1": N_("The mailbox is closed"),
    "2.2": N_("The mailbox is full"),
    "2.3": N_("The mail is larger than the mailbox takes"),
    "2.4": N_("The mailing list behind the address cannot be reached"),
    "3.0": N_("The mail system of the recipient has a problem"),
    "3.1": N_("The mail server is out of space"),
    "3.2": N_("The mail server takes no mail at present"),
    "3.3": N_("The mail server lacks a feature this mail needs"),
    "3.4": N_("The mail is larger than the server takes"),
    "4.1": N_("The recipient's mail server does not answer"),
    "4.2": N_("The connection to the recipient's mail server broke"),
    "4.3": N_("The server cannot look up where to send the mail"),
    "4.4": N_("The server knows no way to the recipient"),
    "4.5": N_("The mail server is too busy"),
    "4.6": N_("The mail goes round in a circle between servers"),
    "4.7": N_("The server could not deliver the mail in time"),
    "5.3": N_("The server takes fewer recipients at a time"),
    "6.0": N_("The server does not accept the content of the mail"),
    "6.7": N_("The server cannot send to an address with letters outside ASCII"),
    "7.0": N_("The server does not accept the mail, for reasons of security"),
    "7.1": N_("The server does not accept the mail from this sender"),
    "7.8": N_("The mail server does not accept the user name or password"),
    "7.9": N_("The mail server wants another way of signing in"),
    "7.20": N_("The mail bears no signature (DKIM) the server accepts"),
    "7.23": N_("The sender's domain does not allow this server to send for it (SPF)"),
    "7.25": N_("The address of our mail server has no name (reverse DNS)"),
    "7.26": N_("The sender's domain could not be proven (SPF, DKIM)"),
}
BY_CODE = {
    421: N_("The mail server closed the connection"),
    450: N_("The mailbox cannot be reached at present"),
    451: N_("The mail server has a problem at present"),
    452: N_("The mail server is out of space"),
    454: N_("The mail server cannot sign us in or use TLS at present"),
    530: N_("The mail server wants us to sign in or to use TLS"),
    534: N_("The mail server wants another way of signing in"),
    535: N_("The mail server does not accept the user name or password"),
    538: N_("The mail server wants TLS before signing in"),
    550: N_("The mailbox does not exist or takes no mail from us"),
    551: N_("The mailbox is not on this server"),
    552: N_("The mailbox is full or the mail is too large"),
    553: N_("The server does not accept the address"),
    554: N_("The server does not accept the mail"),
    556: N_("The domain takes no mail"),
}
OF_THE_CONNECTION = {421, 454, 530, 534, 535, 538}
NOT_NOW = 4  # the first digit of a reply
BY_CLASS = {
    NOT_NOW: N_("The mail server asks to try again later"),
    5: N_("The mail server does not accept the mail"),
}
NOT_UNDERSTOOD = N_("The mail server answered something that is not SMTP")

SILENT = N_("The mail server did not answer in time")
LOST = N_("The mail server broke the connection")
UNREACHABLE = N_("The mail server cannot be reached")
NOT_WHOLE = N_("The connection broke before the whole mail was handed over")
SILENT_AFTER_DOT = N_(
    "The mail server was handed the whole mail and did not answer in time: it may have taken it"
)
LOST_AFTER_DOT = N_(
    "The mail server was handed the whole mail and broke the connection: it may have taken it"
)
BAD_CERTIFICATE = N_("The mail server’s certificate cannot be trusted")
NO_TLS = N_("The mail server and we cannot agree on encryption (TLS)")
NOT_OFFERED = N_("The mail server does not offer what the settings ask for")
TOO_LARGE = N_("The mail is larger than the server takes")
NO_SMTPUTF8 = N_(
    "The address has letters outside ASCII before its @, and the mail server cannot send to such"
    " addresses"
)


@dataclass(frozen=True)
class Reply:
    """One answer of a server: its code (below 0: none), and its lines as smtplib hands them on."""

    code: int
    lines: bytes

    @property
    def text(self) -> str:
        """The answer on one printable line, like '250 2.0.0 Ok: queued as 4A2'."""
        words = self.lines.decode("utf-8", "replace")
        return on_one_line(f"{self.code} {words}" if self.code >= 0 else words)

    @property
    def severity(self) -> int:
        """The first digit: 2 done, 3 go on, 4 not now, 5 never."""
        return self.code // 100

    @property
    def meaning(self) -> str:
        """What it means in plain words, in English; the server's own words are in `text`."""
        enhanced = ENHANCED.match(self.lines.decode("ascii", "replace"))
        by_detail = BY_DETAIL.get(enhanced[1]) if enhanced else None
        by_code = BY_CODE.get(self.code)
        if enhanced and enhanced[1].endswith(".0") and self.code in OF_THE_CONNECTION:
            return BY_CODE[self.code]  # the detail says less
        if enhanced and enhanced[1].startswith("7.") and self.severity == NOT_NOW:
            return BY_CLASS[NOT_NOW]  # a greylist, or too much mail: no judgement for good
        return by_detail or by_code or BY_CLASS.get(self.severity, NOT_UNDERSTOOD)


def with_words(reason: str, reply: str) -> str:
    """Return a plain reason with the server's own words after it, where it said any."""
    return f"{reason} ({reply})" if reply else reason


def on_one_line(text: str) -> str:
    """Return what another host wrote as one printable line, of bounded length."""
    return UNPRINTABLE.sub(" ", text).strip()[:LONGEST_REPLY]
