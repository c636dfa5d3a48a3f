"""How busy the machine is decides no test: requests and connections may take their time."""

import pytest

from subgraphs.common import database, deadline

PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "REQUEST_S", PATIENCE_S)
    monkeypatch.setattr(database, "CONNECT_TIMEOUT_S", PATIENCE_S)
