"""Why a delivery moved, in plain words: marked here for translation, stored in English."""

from app.language import N_

CRASHED = N_(
    "The process ended while this mail was being handed over: the server may have taken it"
)
NOT_HANDED_OVER = N_("The database did not answer; the mail was not handed over")
UNEXPECTED = N_("Something unexpected came up; the log of the process says what")
NOT_MADE = N_("The mail could not be made; the log of the process says why")
GIVEN_UP = N_("Given up after four days")
ARRIVED = N_("Marked as arrived")
SENT_AGAIN = N_("To be sent again")
CAME_BACK = N_("The mail came back: it was not delivered")
GUEST_ANSWERED = N_(
    "The guest has answered by the link; whether it came with this mail is not known"
)
CANCELLED = N_("Cancelled before it was sent")
NIGHT = N_("It is night at the event’s place; the mail waits for the morning")

NEWER_SENDING = N_("Replaced by a newer sending")
NEWER_REMINDER = N_("Replaced by a newer reminder")
NEWER_CONFIRMATION = N_("Replaced by the confirmation of a later change")
NEWER_PLACE = N_("Replaced by the word of a further place")
NEWER_CHANGE = N_("Replaced by the word of a later change")
NOT_THEIRS = N_("The place is no longer the guest’s")
AS_IT_WAS = N_("The programme is again as the guest knows it")
NOT_CONCERNED = N_("The guest no longer takes part in what has changed")
CALLED_OFF = N_("The event was called off meanwhile")
ANSWERED = N_("The guest has answered meanwhile")
EXPIRED = N_("The invitation has expired meanwhile")
WITHDRAWN = N_("The invitation was withdrawn meanwhile")
READDRESSED = N_("The guest’s address was changed meanwhile")
REVOKED = N_("The delegate was revoked meanwhile")
NEWER_CODE = N_("Replaced by a newer code")
CODE_OVER = N_("The code is over")
TAKEN_BACK = N_("The request was taken back meanwhile")
DISOWNED = N_("The recipient has said that the invitation is not for them")
NOTHING_PROPOSED = N_("Nothing is proposed any more")
NOT_APPROVER = N_("The recipient is not an approver of the event any more")
UNSUBSCRIBED = N_("The recipient wants no more digests")

STANDS_AGAIN = N_("The invitation stands again")
GONE = N_("What the mail is about is gone")
TOO_LATE = N_("The reply-by date has passed")
LAST_DAY = N_("The reply-by date has come: nobody is reminded on that day unasked")
DO_NOT_REMIND = N_("The guest is not to be reminded")
NO_ANSWER = N_("No answer stands any more")
LINK_USED = N_("The sign-in link has been used already")
LINK_EXPIRED = N_("The sign-in link has expired")
