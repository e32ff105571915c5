"""Every mail is sent to the letter as its golden files say, which somebody has read."""

import pytest

from app.deliveries.models import DeliveryKind
from tests.mails.cases import CASES
from tests.mails.golden import GOLDEN, files_of
from tests.mails.press import EVERY

ENDINGS = ("txt", "html")


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_the_mail_is_sent_as_its_golden_files_say(press, name, language):
    sent = files_of(name, language, press.mail(name, language))
    kept = {file: (GOLDEN / file).read_text(encoding="utf-8") for file in sent}
    assert sent == kept


def test_every_golden_file_is_of_a_case():
    wanted = {f"{name}.{language}.{ending}" for name, language in EVERY for ending in ENDINGS}
    assert {path.name for path in GOLDEN.iterdir()} == wanted


def test_every_kind_of_mail_has_a_case():
    assert {case.kind for case in CASES.values()} == set(DeliveryKind)
