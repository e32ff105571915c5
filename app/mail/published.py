"""What the sender's domain publishes in DNS so that receivers trust its mail: SPF, DKIM, DMARC."""

from base64 import b64encode
from collections.abc import Callable, Iterator

from dkim.util import InvalidTagValueList, parse_tag_value
from dns.exception import DNSException
from dns.rdtypes.ANY.TXT import TXT
from dns.resolver import (
    NXDOMAIN,
    NoAnswer,
    NoResolverConfiguration,
    Resolver,
    get_default_resolver,
)

from app.mail.dkim import DkimSigner
from app.mail.finding import Check, failed, not_checked, ok, warning
from app.mail.replies import on_one_line

SECONDS_FOR_ONE_SERVER, SECONDS_FOR_ALL = 1.5, 3.0
POLICIES = {"none", "quarantine", "reject"}

Lookup = Callable[[str], list[str]]


class SilentError(Exception):
    """DNS did not answer."""


def make_resolver() -> Resolver:
    """Ask this machine's name servers, with little patience; where it has none, none answers."""
    try:
        resolver = get_default_resolver()
    except NoResolverConfiguration:
        resolver = Resolver(configure=False)
    resolver.timeout, resolver.lifetime = SECONDS_FOR_ONE_SERVER, SECONDS_FOR_ALL
    return resolver


def check_domain(domain: str, dkim: DkimSigner | None, resolver: Resolver) -> Iterator[Check]:
    """Yield what is found of SPF, DKIM and DMARC. Where DNS is silent, nothing has failed."""

    def lookup(name: str) -> list[str]:
        return _texts(resolver, name)

    judges: dict[str, Callable[[], Check]] = {
        "SPF": lambda: _spf(domain, lookup),
        "DKIM": lambda: _dkim(dkim, lookup),
        "DMARC": lambda: _dmarc(domain, lookup),
    }
    for name, judge in judges.items():
        try:
            yield judge()
        except SilentError as silence:
            yield not_checked(name, str(silence))


def _texts(resolver: Resolver, name: str) -> list[str]:
    """Return the TXT records at the name; raise SilentError where nobody knows."""
    try:
        answer = resolver.resolve(f"{name}.", "TXT")
    except (NXDOMAIN, NoAnswer):
        return []
    except (DNSException, OSError) as error:
        raise SilentError(f"DNS gave no answer about {name}.") from error
    return [
        b"".join(row.strings).decode("utf-8", "replace") for row in answer if isinstance(row, TXT)
    ]


def _spf(domain: str, lookup: Lookup) -> Check:
    """RFC 7208: who may send for the domain of the envelope; one record, no more (4.5)."""
    records = [text for text in lookup(domain) if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        return warning(
            "SPF",
            f"{domain} does not say who may send for it.",
            f"Publish a TXT record at {domain} that names the servers your mail leaves from, like"
            ' "v=spf1 include:RELAY -all"; who runs the mail server knows what to put for RELAY.',
        )
    if len(records) > 1:
        return failed(
            "SPF",
            f"{domain} has {len(records)} SPF records; receivers take that as an error.",
            "Make one record of them.",
        )
    return _one_spf(domain, on_one_line(records[0]))


def _one_spf(domain: str, record: str) -> Check:
    if record.lower().split()[1:2] == ["-all"]:
        return failed(
            "SPF",
            f"{domain} says that nobody sends mail for it: {record}",
            "Name in it the servers your mail leaves from, before -all.",
        )
    return ok(
        "SPF",
        f"{record} (whether it covers the address the mail server sends from cannot be known"
        " from here)",
    )


def _dkim(dkim: DkimSigner | None, lookup: Lookup) -> Check:
    if dkim is None:
        return not_checked(
            "DKIM", "MAIL_DKIM_KEY is not set: mails leave here unsigned; the mail server may sign."
        )
    records = lookup(dkim.record_name)
    if len(records) == 1:
        return _one_key(dkim, records[0])
    found = f"there are {len(records)} of them" if records else "nothing is published"
    return failed("DKIM", f"{dkim.record_name}: {found}.", _publish(dkim.record_name, dkim.record))


def _one_key(dkim: DkimSigner, record: str) -> Check:
    published = _tags(record).get("p", "")
    own = {b64encode(form).decode("ascii") for form in dkim.public_forms()}
    mend = _publish(dkim.record_name, dkim.record)
    if not published:
        return failed("DKIM", f"{dkim.record_name} holds no key: it counts as withdrawn.", mend)
    if "".join(published.split()) not in own:
        return failed("DKIM", f"The key at {dkim.record_name} is not that of MAIL_DKIM_KEY.", mend)
    return ok("DKIM", f"{dkim.record_name} holds our key, RSA of {dkim.key.key_size} bits")


def _dmarc(domain: str, lookup: Lookup) -> Check:
    """RFC 7489: the domain's own policy, or that of the nearest domain above it."""
    for above in _upwards(domain):
        name = f"_dmarc.{above}"
        records = [text for text in lookup(name) if text.replace(" ", "").startswith("v=DMARC1")]
        if len(records) > 1:
            return warning(
                "DMARC", f"{name} has {len(records)} records, so none counts.", "Keep one."
            )
        if records:
            return _one_dmarc(name, records[0], inherited=above != domain)
    name = f"_dmarc.{domain}"
    return warning("DMARC", f"{name}: nothing is published.", _publish(name, "v=DMARC1; p=none"))


def _one_dmarc(name: str, record: str, *, inherited: bool) -> Check:
    tags = _tags(record)
    policy = tags.get("p", "").lower()
    if inherited:
        policy = tags.get("sp", policy).lower()
    if policy not in POLICIES:
        return warning(
            "DMARC",
            f"{name} has no policy: {on_one_line(record)}",
            _publish(name, "v=DMARC1; p=none"),
        )
    return ok(
        "DMARC",
        f"{name}: p={policy}. The domain is the same in From, in the envelope and in the"
        " signature, by design, so SPF and DKIM count for it",
    )


def _upwards(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        yield ".".join(labels[start:])


def _tags(record: str) -> dict[str, str]:
    try:
        tags: dict[bytes, bytes] = parse_tag_value(record.encode())
    except InvalidTagValueList:
        return {}
    return {name.decode(): value.decode() for name, value in tags.items()}


def _publish(name: str, record: str) -> str:
    return f'Publish in DNS: {name} TXT "{record}"'
