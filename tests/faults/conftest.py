"""What the fault tests share: settings of a worker that sends to a server of the test's own."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.config import Settings
from tests.faults.smtp_server import CERTIFICATE, FaultServer


@pytest.fixture
def settings_for(settings: Settings) -> Callable[..., Settings]:
    """Give the settings of a worker that sends to this server."""

    def given(server: FaultServer, **mail: object) -> Settings:
        facts = {
            "server": "127.0.0.1",
            "port": server.port,
            "use_tls": server.starttls,
            "ca_file": str(CERTIFICATE),
            "username": "couvert" if server.password else "",
            "password": server.password,
            "timeout": 10,
            **mail,
        }
        return replace(settings, mail=replace(settings.mail, **facts))

    return given
