"""GraphiQL in a real browser: it loads, reads the schema, runs its first query, and asks nobody but us."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from stack.settings import ROOT
from tests.support.chromium import chromium_page, find_chromium
from tests.support.marketplace import Marketplace

_BUILD_TIMEOUT_S = 300


@pytest.fixture
def chromium() -> str:
    program = find_chromium()
    if program is None:
        pytest.skip("there is no Chromium here: install it to test GraphiQL in a browser")
    if not (ROOT / "studio/dist/.digest").exists():
        command = [sys.executable, "-m", "stack", "studio"]
        built = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_BUILD_TIMEOUT_S, check=False
        )
        if built.returncode != 0:
            pytest.skip(f"GraphiQL cannot be built here: {built.stderr[-300:]}")
    return program


def test_graphiql_runs_its_first_query_and_asks_nobody_but_us(
    marketplace: Marketplace, chromium: str, tmp_path: Path
) -> None:
    with chromium_page(chromium, tmp_path / "profile") as page:
        page.open(marketplace.url())
        page.wait_for("document.querySelector('.graphiql-execute-button') !== null")
        page.wait_for("document.querySelector('.graphiql-query-editor').innerText.includes('products')")
        page.evaluate("document.querySelector('button[aria-label=\"Show Documentation Explorer\"]').click()")
        page.wait_for("document.querySelector('.graphiql-doc-explorer').innerText.includes('Mutation')")

        page.evaluate("document.querySelector('.graphiql-execute-button').click()")

        answer = page.wait_for(
            "(text => text.includes('totalCount') && text)(document.querySelector('.result-window').innerText)"
        )
        assert "errors" not in answer
        page.wait_for("performance.getEntriesByType('resource').length > 0")
        asked = {
            urlsplit(url).netloc for url in page.requests if not url.startswith(("data:", "blob:", "about:"))
        }
        assert asked == {f"127.0.0.1:{marketplace.ports['router']}"}
        assert page.exceptions == []


def test_the_root_of_the_site_leads_a_browser_to_graphiql(marketplace: Marketplace) -> None:
    answer = marketplace.client.get(
        f"http://127.0.0.1:{marketplace.ports['router']}/",
        headers={"Accept": "text/html"},
        follow_redirects=False,
    )

    assert answer.is_redirect
    assert answer.headers["location"].endswith("/graphql")
