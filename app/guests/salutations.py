"""How a guest is named and spoken to, in each language."""

from app.guests.models import Guest

PLAIN = {"herr", "fru", "fröken", "mr", "mrs", "ms", "miss", "mx"}
"""What Swedish leaves out; titles it keeps, in lower case."""


def full_name(guest: Guest, language: str) -> str:
    """Return the name as on the card: 'Dr Zofia Strøm-Łęcka', 'dr Zofia Strøm-Łęcka'."""
    return f"{salutation(guest, language)} {guest.name}".strip()


def addressed(guest: Guest, language: str) -> str:
    """Return what follows 'Dear': 'Dr Strøm-Łęcka'; the whole name where there is no title."""
    title = salutation(guest, language)
    return f"{title} {guest.last_name}" if title and guest.last_name else guest.name


def salutation(guest: Guest, language: str) -> str:
    """Return the salutation as that language writes it."""
    if language != "sv":
        return guest.salutation
    if guest.salutation.casefold().rstrip(".") in PLAIN:
        return ""
    return " ".join(_lower(word) for word in guest.salutation.split())


def _lower(word: str) -> str:
    """Write 'Dr.' as 'dr'; an abbreviation like 'H.E.' stays as it is."""
    return word.lower().rstrip(".") if word[1:].islower() else word
