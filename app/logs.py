"""Logging to standard error, with no trace of a signed link or an address in any line."""

import logging
import re

LINK = re.compile(r"(/(?:rsvp|sign-in|unsubscribe|calendars(?:/event)?)/)[^\s/?#\"'<>\]]+")
MASK = r"\1…"


def mask_links(text: str) -> str:
    """Return the text with every signed link's token replaced by an ellipsis."""
    return LINK.sub(MASK, text)


class MaskingFormatter(logging.Formatter):
    """Masks the finished line, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_links(super().format(record))


def set_up_logging() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # Its notes on how it looks at the schema come with every /readyz and every command.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # The local mailbox's SMTP server would write down every address a mail goes to.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
