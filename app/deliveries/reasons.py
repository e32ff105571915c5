"""Why a delivery moved, in plain words: marked here for translation, stored in English."""


def N_(text: str) -> str:  # noqa: N802 - gettext's name for "translate later"
    """Mark a text for the catalogues; pages translate it when they show it."""
    return text


CRASHED = N_(
    "The process ended while this mail was being handed over. The server may have taken it."
)
NOT_HANDED_OVER = N_("The database did not answer; the mail was not handed over.")
ARRIVED = N_("Marked as arrived.")
SENT_AGAIN = N_("To be sent again.")
CAME_BACK = N_("The mail came back: it was not delivered.")
GUEST_ANSWERED = N_("The guest has answered by the link, so a mail has arrived.")
CANCELLED = N_("Cancelled before it was sent.")
GIVEN_UP = N_("Given up after four days.")
UNEXPECTED = N_("An unexpected error came up; the log of the process says which.")
NOT_MADE = N_("The mail could not be made; the log of the process says why.")
