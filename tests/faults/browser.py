"""An organiser's browser on a running product, over real HTTP: cookies, forms, and no more."""

import re
import time
from http.client import SEE_OTHER, HTTPConnection
from urllib.parse import urlencode, urlsplit

FIELD = r'name="{}" value="([^"]*)"'


class Browser:
    """Keeps its cookie; what the server breaks off raises OSError or HTTPException."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""

    def sign_in(self, link: str) -> None:
        path = urlsplit(link).path
        self.post(path, csrf_token=_field("csrf_token", self.get(path)))

    def send_wave(self, slug: str) -> float:
        """Press the button that sends what the page shows, if anything; return the seconds."""
        path = f"/organiser/{slug}/invitations"
        page = self.get(path)
        if 'name="shown"' not in page:
            return 0.0
        fields = {name: _field(name, page) for name in ("csrf_token", "shown")}
        began = time.perf_counter()
        status = self.post(path, **fields)
        if status != SEE_OTHER:
            raise RuntimeError(f"{path} answered {status}")
        return time.perf_counter() - began

    def get(self, path: str) -> str:
        return self._ask("GET", path)[1]

    def post(self, path: str, **fields: str) -> int:
        return self._ask("POST", path, urlencode(fields))[0]

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": self.cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            self.cookie = (answer.headers["Set-Cookie"] or self.cookie).partition(";")[0]
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def _field(name: str, page: str) -> str:
    return re.findall(FIELD.format(name), page)[0]
