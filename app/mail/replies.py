"""What an SMTP server answers, and the same in plain words."""

import re
from dataclasses import dataclass

LONGEST_REPLY = 500
ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")

# RFC 3463 and its registry at IANA; the class before the first dot says whether it will last.
BY_DETAIL = {
    "1.0": "The server does not accept the address",
    "1.1": "The mailbox does not exist",
    "1.2": "The domain of the address does not exist",
    "1.3": "The address is not written as an address",
    "1.4": "The address fits more than one mailbox",
    "1.6": "The mailbox has moved and left no new address",
    "1.7": "The server does not accept the sender's address",
    "1.8": "The server cannot find the domain of the sender",
    "1.10": "The domain takes no mail",
    "2.0": "The mailbox takes no mail",
    "2.1": "The mailbox is closed",
    "2.2": "The mailbox is full",
    "2.3": "The mail is larger than the mailbox takes",
    "2.4": "The mailing list behind the address cannot be reached",
    "3.0": "The mail system of the recipient has a problem",
    "3.1": "The mail server is out of space",
    "3.2": "The mail server takes no mail at present",
    "3.3": "The mail server lacks a feature this mail needs",
    "3.4": "The mail is larger than the server takes",
    "4.1": "The recipient's mail server does not answer",
    "4.2": "The connection to the recipient's mail server broke",
    "4.3": "The server cannot look up where to send the mail",
    "4.4": "The server knows no way to the recipient",
    "4.5": "The mail server is too busy",
    "4.6": "The mail goes round in a circle between servers",
    "4.7": "The server could not deliver the mail in time",
    "5.3": "The server takes fewer recipients at a time",
    "6.0": "The server does not accept the content of the mail",
    "6.7": "The server cannot send to an address with letters outside ASCII",
    "7.0": "The server does not accept the mail, for reasons of security",
    "7.1": "The server does not accept the mail from this sender",
    "7.8": "The mail server does not accept the user name or password",
    "7.9": "The mail server wants another way of signing in",
    "7.20": "The mail bears no signature (DKIM) the server accepts",
    "7.23": "The sender's domain does not allow this server to send for it (SPF)",
    "7.25": "The address of our mail server has no name (reverse DNS)",
    "7.26": "The sender's domain could not be proven (SPF, DKIM)",
}
BY_CODE = {
    421: "The mail server closed the connection",
    450: "The mailbox cannot be reached at present",
    451: "The mail server has a problem at present",
    452: "The mail server is out of space",
    454: "The mail server cannot sign us in at present",
    530: "The mail server wants us to sign in or to use TLS",
    534: "The mail server wants another way of signing in",
    535: "The mail server does not accept the user name or password",
    538: "The mail server wants TLS before signing in",
    550: "The mailbox does not exist or takes no mail from us",
    551: "The mailbox is not on this server",
    552: "The mailbox is full or the mail is too large",
    553: "The server does not accept the address",
    554: "The server does not accept the mail",
    556: "The domain takes no mail",
}
BY_CLASS = {
    4: "The mail server asks to try again later",
    5: "The mail server does not accept the mail",
}
NOT_UNDERSTOOD = "The mail server answered something that is not SMTP"


@dataclass(frozen=True)
class Reply:
    """One answer of a server: its code, and its lines as smtplib hands them on."""

    code: int
    lines: bytes

    @property
    def text(self) -> str:
        """The answer on one printable line, like '250 2.0.0 Ok: queued as 4A2'."""
        return on_one_line(f"{self.code} {self.lines.decode('utf-8', 'replace')}")

    @property
    def severity(self) -> int:
        """The first digit: 2 done, 3 go on, 4 not now, 5 never."""
        return self.code // 100

    def in_plain_words(self) -> str:
        """Return what it means, with the server's own words after it in brackets."""
        return f"{self._meaning()} ({self.text})"

    def _meaning(self) -> str:
        enhanced = ENHANCED.match(self.lines.decode("ascii", "replace"))
        by_detail = BY_DETAIL.get(enhanced[1]) if enhanced else None
        by_code = BY_CODE.get(self.code)
        return by_detail or by_code or BY_CLASS.get(self.severity, NOT_UNDERSTOOD)


def on_one_line(text: str) -> str:
    """Return what another host wrote as one printable line, of bounded length."""
    return UNPRINTABLE.sub(" ", text).strip()[:LONGEST_REPLY]
