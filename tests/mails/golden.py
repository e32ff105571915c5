"""The golden files: each case as it is sent, in each language; `make golden` writes them anew."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from pathlib import Path

from app.logs import mask_links
from app.mail.message import MailMessage
from tests.mails.composing import html_of
from tests.mails.press import EVERY, opened_press

GOLDEN = Path(__file__).parent / "golden"
LEFT_OUT = {"message-id", "mime-version", "content-type", "content-transfer-encoding"}
"""Random or the same in every mail; of what kinds its parts are is told by `Parts`."""


def files_of(name: str, language: str, mail: MailMessage) -> dict[str, str]:
    """Return what each golden file of that mail has to say, by its name; links masked."""
    return {
        f"{name}.{language}.txt": mask_links(f"{_head(mail)}\n\n{mail.body}"),
        f"{name}.{language}.html": mask_links(html_of(mail)),
    }


def _head(mail: MailMessage) -> str:
    lines = [line.partition(":") for line in mail.header_lines().splitlines()]
    # Read as RFC 2047 has it: the newer reader leaves a space where an encoded name goes on.
    read = [f"{name}: {make_header(decode_header(value.strip()))}" for name, _, value in lines]
    shown = [line for line in read if line.partition(":")[0].lower() not in LEFT_OUT]
    return "\n".join([*shown, f"Parts: {', '.join(_parts(mail))}"])


def _parts(mail: MailMessage) -> Iterator[str]:
    for part in message_from_bytes(mail.as_bytes(), policy=policy.default).walk():
        if not part.is_multipart():
            about = (part.get_content_type(), part.get_param("method"), part.get_filename())
            yield " ".join(str(word) for word in about if word)


def _renew() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.iterdir():
        old.unlink()
    with opened_press() as press:
        for name, language in EVERY:
            for file, text in files_of(name, language, press.mail(name, language)).items():
                (GOLDEN / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _renew()
