"""A browser's proof that it may see more than a bearer of the link: a signed cookie for that link.

It widens what is shown and decides nothing: who has the link can answer without it.
"""

from flask import request, url_for
from werkzeug.wrappers import Response

from app.delegates.queries import Bearer
from app.parts import parts
from app.tokens import LinkError
from app.web.same_link import token_of_link

COOKIE = "couvert_proof"


def has_proof(bearer: Bearer) -> bool:
    """Whether this browser has one, for this very link."""
    try:
        return parts().signers.proof.read(request.cookies.get(COOKIE, "")) == bearer.claim
    except LinkError:
        return False


def give_proof(response: Response, bearer: Bearer) -> None:
    """Give the browser one; it goes with requests to that link alone."""
    signers, settings = parts().signers, parts().settings
    response.set_cookie(
        COOKIE,
        signers.proof.sign(bearer.claim),
        max_age=signers.proof.max_age,
        path=url_for("rsvp.show", token=token_of_link()),
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        # Lax, not strict: most come from a link in a mail, which is another site to a browser.
        samesite="Lax",
    )
