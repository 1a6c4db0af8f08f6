"""The web page in a real Chromium: a question answered by a figure with its place, a review, an upload."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="pip install 'dic-ingest[serve]'")

from chrome import Chrome

from dic_ingest.batch.manifest import Entry, Manifest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow
UPLOAD = """(() => {
    const data = new DataTransfer();
    data.items.add(new File(['flowchart TD\\n a[One] --> b[Two]'], '<b>two.mmd'));
    const at = document.getElementById('files');
    at.files = data.files;
    at.dispatchEvent(new Event('change'));
})()"""


@pytest.fixture
def site(results: Path) -> Iterator[str]:
    """The address of the page over a results folder."""
    Manifest(results).add(Entry("orders.pdf", "ok", pages=2, figures=1, name="orders", sha256="ab" * 32))
    command = [sys.executable, "-W", "ignore", "-m", "dic_ingest", "serve", str(results), "--port", "0"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def test_ask_look_review_and_upload(chrome: Chrome, site: str, results: Path) -> None:
    chrome.visit(site)
    chrome.run("document.querySelector('#q').value = 'ship parcel'")
    chrome.run("document.querySelector('.hero form').requestSubmit()")
    chrome.until("document.querySelector('.is-figure .place')")
    assert chrome.run("document.querySelector('.is-figure .place').style.top")
    chrome.until("document.querySelector('.is-figure .crop img').naturalWidth === 200")
    hit = "[...document.querySelectorAll('.is-figure')].find((h) => h.textContent.includes('Figure 3'))"
    figure = chrome.run(f"{hit}.querySelector('.crop').href")
    chrome.visit(figure)
    chrome.until("document.querySelector('.redraw svg')")
    assert "Receive order" in chrome.run("document.querySelector('.redraw svg').textContent")
    assert chrome.run("document.querySelector('.spot.figure.on') !== null")
    assert chrome.run("document.querySelectorAll('.read .part').length") == 3
    assert chrome.run("document.getElementById('edit').disabled")
    chrome.run("document.querySelector('[name=mermaid]').value = 'flowchart TD\\n a[One] --> b[Two]'")
    chrome.run("document.querySelector('[name=mermaid]').dispatchEvent(new Event('input'))")
    chrome.until("document.querySelector('#preview .redraw svg')")
    chrome.run("document.querySelector('[name=who]').value = 'Ada'")
    chrome.run("document.getElementById('edit').click()")
    chrome.until("location.pathname === '/review' && document.querySelector('.verdict-edit')")
    assert list((results / ".review").glob("answers-Ada-*.json"))
    assert chrome.errors == [] and all(r.startswith((site, "data:")) for r in chrome.requests)

    chrome.visit(site)
    chrome.run(UPLOAD)
    chrome.until("document.querySelector('#uploads .done a, #uploads .failed')", 60)
    assert chrome.run("document.querySelector('#uploads b').textContent") == "<b>two.mmd"
    chrome.visit(
        site.rstrip("/") + chrome.run("document.querySelector('#uploads .done a').getAttribute('href')")
    )
    chrome.until("document.querySelector('.node.figure')")
    assert chrome.errors == []

    chrome.visit(site + "search?q=invoice")
    chrome.visit(site.rstrip("/") + chrome.run("document.querySelector('.hit a.open').getAttribute('href')"))
    chrome.until("document.querySelector('.node.on')")
    assert "invoice" in chrome.run("document.querySelector('.node.on').textContent")
