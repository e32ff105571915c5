"""`couvert mail check`: says what to mend, and exits with 1 if anything failed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import dns.resolver
import pytest
from click.testing import Result

from app import create_app
from app.cli import couvert
from app.config import Settings
from tests.faults.smtp_server import Fault, FaultServer, Step
from tests.mail.dns_server import NameServer

RECORDS = {
    "stockholm.example": ["v=spf1 mx -all"],
    "_dmarc.stockholm.example": ["v=DMARC1; p=none"],
}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """No database: mail is checked without one."""
    return f"sqlite:///{tmp_path}/none/couvert.sqlite3"


@pytest.fixture
def ask(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Run the command against that server; the machine's name server is the test's own."""

    def asked(server: FaultServer, *arguments: str) -> Result:
        mail = replace(settings.mail, local=False, server="127.0.0.1", port=server.port)
        runner = create_app(replace(settings, mail=mail)).test_cli_runner()
        return runner.invoke(couvert, ["mail", "check", *arguments], catch_exceptions=False)

    with NameServer(RECORDS) as names:
        monkeypatch.setattr(dns.resolver, "default_resolver", names.resolver())
        yield asked


def test_local_mode_keeps_all_mail_here_and_that_is_well(run):
    result = run("mail", "check")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "ok           Settings       MAIL_SERVER is not set: in local mode all mail stays on"
    )
    assert result.stdout.endswith("\n\nFailed: 0. Warnings: 0. Nothing was sent.\n")


def test_where_mail_can_go_the_exit_status_is_0(ask):
    with FaultServer() as server:
        result = ask(server, "--to", "zofia@agh.test")
    assert result.exit_code == 0
    assert "ok           Recipient      The server takes mail to zofia@agh.test." in result.stdout
    assert result.stdout.endswith("Failed: 0. Warnings: 0. Nothing was sent.\n")


def test_a_failure_is_told_with_its_mend_and_exit_status_1(ask):
    with FaultServer([Fault(Step.MAIL, "550 5.7.1 Not yours")]) as server:
        result = ask(server)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("failed"))
    assert lines[at].startswith("failed       Sender         The server does not accept the mail")
    assert lines[at + 1].startswith(" " * 28 + "Mend: Ask who runs the server to let you send")


def test_as_json_each_check_has_its_four_facts_and_nothing_else_is_printed(ask):
    with FaultServer([Fault(Step.CONNECT, "554 5.7.1 Not you")]) as server:
        result = ask(server, "--json")
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert (result.exit_code, checks["Greeting"]["outcome"]) == (1, "failed")
    assert checks["Sender"] == {
        "name": "Sender",
        "outcome": "not checked",
        "found": "A step before it failed.",
        "mend": "",
    }


def test_an_address_that_is_none_is_refused_before_anything_is_tried(ask):
    with FaultServer() as server:
        result = ask(server, "--to", "nobody")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == 'the address has no "@". Write it as name@domain.\n'
    assert server.connections == 0
