"""What a domain publishes is judged as receivers judge it; a silent DNS is no failure."""

import pytest
from dns.resolver import Resolver

from app.mail.dkim import DkimSigner
from app.mail.finding import Check, Outcome
from app.mail.published import check_domain, make_resolver
from tests.mail.dns_server import NameServer, Records
from tests.mail.keys import make_signer

DOMAIN = "stockholm.test"
KEY, DMARC = f"couvert._domainkey.{DOMAIN}", f"_dmarc.{DOMAIN}"
GOOD = {
    DOMAIN: ["unrelated=1", "v=spf1 include:relay.test -all"],
    KEY: [make_signer().record],
    DMARC: ["v=DMARC1; p=reject; rua=mailto:dmarc@stockholm.test"],
}


def check(
    records: Records, *, domain: str = DOMAIN, signer: DkimSigner | None = None
) -> dict[str, Check]:
    with NameServer(records) as server:
        found = check_domain(domain, signer or make_signer(), server.resolver())
        return {done.name: done for done in found}


def outcomes(found: dict[str, Check]) -> dict[str, str]:
    return {name: str(done.outcome) for name, done in found.items()}


def test_good_records_leave_nothing_to_mend():
    found = check(GOOD)
    assert outcomes(found) == {"SPF": "ok", "DKIM": "ok", "DMARC": "ok"}
    assert {done.mend for done in found.values()} == {""}
    assert found["DKIM"].found == f"{KEY} holds our key, RSA of 2048 bits"
    assert found["DMARC"].found.startswith(f"{DMARC}: p=reject.")


def test_what_cannot_be_known_of_spf_is_said():
    found = check(GOOD)["SPF"].found
    assert found.startswith("v=spf1 include:relay.test -all (whether it covers")


def test_missing_records_are_named_with_what_to_publish():
    found = check({})
    assert outcomes(found) == {"SPF": "warning", "DKIM": "failed", "DMARC": "warning"}
    assert found["DKIM"].found == f"{KEY}: nothing is published."
    assert found["DKIM"].mend == f'Publish in DNS: {KEY} TXT "{make_signer().record}"'
    assert found["DMARC"].mend == f'Publish in DNS: {DMARC} TXT "v=DMARC1; p=none"'


def test_a_name_with_other_records_only_counts_as_missing():
    found = check({DOMAIN: [], KEY: [], DMARC: ["unrelated=1"]})
    assert outcomes(found) == {"SPF": "warning", "DKIM": "failed", "DMARC": "warning"}


@pytest.mark.parametrize(
    ("records", "outcome", "found"),
    [
        (["v=spf1 a -all", "v=spf1 mx -all"], "failed", "stockholm.test has 2 SPF records"),
        (["v=spf1 -all"], "failed", "stockholm.test says that nobody sends mail for it"),
        (["V=SPF1 -ALL"], "failed", "stockholm.test says that nobody sends mail for it"),
        (["v=spf1 mx -all"], "ok", "v=spf1 mx -all"),
        (["v=spf10 -all"], "warning", "stockholm.test does not say who may send for it"),
        (["v=spf1 \\027[31m mx"], "ok", "v=spf1 [31m mx"),
    ],
)
def test_each_way_to_write_spf_is_judged(records: list[str], outcome: str, found: str):
    judged = check({**GOOD, DOMAIN: records})["SPF"]
    assert (str(judged.outcome), judged.found[: len(found)]) == (outcome, found)


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([make_signer(2).record], f"The key at {KEY} is not that of MAIL_DKIM_KEY."),
        (["v=DKIM1; k=rsa; p="], f"{KEY} holds no key: it counts as withdrawn."),
        (["not a record"], f"{KEY} holds no key: it counts as withdrawn."),
        ([make_signer().record, make_signer(2).record], f"{KEY}: there are 2 of them."),
    ],
)
def test_a_key_that_is_not_ours_fails(records: list[str], found: str):
    judged = check({**GOOD, KEY: records})["DKIM"]
    assert (judged.outcome, judged.found) == (Outcome.FAILED, found)
    assert make_signer().record in judged.mend


def test_a_key_may_be_written_with_blanks_and_without_its_version():
    spaced = make_signer().record.removeprefix("v=DKIM1; ").replace("MIIB", "MI IB ")
    assert check({**GOOD, KEY: [spaced]})["DKIM"].outcome is Outcome.OK


def test_without_a_key_of_ours_dkim_is_not_checked():
    with NameServer(GOOD) as server:
        _, judged, _ = check_domain(DOMAIN, None, server.resolver())
    assert judged.outcome is Outcome.NOT_CHECKED
    assert KEY not in server.asked


@pytest.mark.parametrize(
    ("records", "outcome", "found"),
    [
        (["v=DMARC1; p=none"], "ok", f"{DMARC}: p=none."),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "warning", f"{DMARC} has 2 records"),
        (["v=DMARC1; p=perhaps"], "warning", f"{DMARC} has no policy: v=DMARC1; p=perhaps"),
        (["v=DMARC1;;"], "warning", f"{DMARC} has no policy: v=DMARC1;;"),
    ],
)
def test_each_way_to_write_dmarc_is_judged(records: list[str], outcome: str, found: str):
    judged = check({**GOOD, DMARC: records})["DMARC"]
    assert (str(judged.outcome), judged.found[: len(found)]) == (outcome, found)


def test_a_domain_without_a_policy_of_its_own_has_that_of_the_one_above():
    records = {DMARC: ["v=DMARC1; p=reject; sp=quarantine"]}
    judged = check(records, domain=f"mail.{DOMAIN}")["DMARC"]
    assert judged.found.startswith(f"{DMARC}: p=quarantine.")


@pytest.mark.parametrize("fault", [{"silent": True}, {"broken": True}])
def test_where_dns_does_not_answer_nothing_has_failed(fault: dict[str, bool]):
    with NameServer(GOOD, **fault) as server:
        found = list(check_domain(DOMAIN, make_signer(), server.resolver(patience=0.2)))
    assert [str(done.outcome) for done in found] == ["not checked"] * 3
    assert found[1].found == f"DNS gave no answer about {KEY}."


def test_a_machine_without_name_servers_can_check_nothing():
    found = list(check_domain(DOMAIN, make_signer(), Resolver(configure=False)))
    assert [str(done.outcome) for done in found] == ["not checked"] * 3


def test_a_name_server_is_not_waited_for_long():
    assert make_resolver().lifetime == 3.0
