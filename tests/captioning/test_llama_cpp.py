"""The endpoint engine against llama.cpp's own server, a process of its own, on a tiny LLaVA made here."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

pytest.importorskip("openai", reason="the endpoint extra is not installed")
pytest.importorskip("xllamacpp", reason="llama.cpp is not installed: pip install xllamacpp gguf")
pytest.importorskip("gguf", reason="llama.cpp is not installed: pip install xllamacpp gguf")
pytest.importorskip("tokenizers", reason="the vlm extra is not installed: no tokenizers")
pytestmark = pytest.mark.slow

from figures_made import GRAPH, Reader, request  # noqa: E402
from tiny_gguf import text_model, vision_tower  # noqa: E402

from dic_ingest.captioning.chat import Question  # noqa: E402
from dic_ingest.captioning.engines.endpoint import Endpoint  # noqa: E402
from dic_ingest.captioning.engines.settings import EndpointSettings, GroundingSettings  # noqa: E402
from dic_ingest.captioning.grounding.grounded import Grounded  # noqa: E402

SERVER = """
import sys
import xllamacpp
chosen = xllamacpp.CommonParams()
chosen.model.path, chosen.mmproj.path = sys.argv[1:]
chosen.n_ctx, chosen.n_gpu_layers, chosen.n_parallel, chosen.warmup = 16384, 0, 1, False
chosen.hostnames, chosen.port = ["127.0.0.1"], 0
server = xllamacpp.Server(chosen)
print("listening", server.listening_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = tmp_path_factory.mktemp("gguf")
    files = [text_model(place / "text.gguf"), vision_tower(place / "mmproj.gguf")]
    with (place / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, *map(str, files)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        said = next((line for line in process.stdout if line.startswith("listening ")), "")
        assert said, (place / "log").read_text()[-2000:]
        yield f"{said.split()[1]}/v1"
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def settings(url: str) -> EndpointSettings:
    return EndpointSettings(url, "tiny", timeout=120.0, retries=0, max_tokens=24)


def test_a_picture_is_read_and_answered_the_same_each_time(url: str) -> None:
    endpoint = Endpoint(settings(url))
    crop = request().crop.resize((120, 90))
    with_one, with_two = Question((crop,), "Rules.", "Task."), Question((crop, crop), "Rules.", "Task.")
    first, again, more = endpoint.answer([with_one, with_one, with_two])
    assert [a.error for a in (first, again, more)] == ["", "", ""]
    assert first.text == again.text and first.text
    assert 0 < first.written <= 24
    assert more.read - first.read >= 16  # a picture is 4 x 4 patches of tokens


def test_json_is_what_the_server_is_held_to(url: str) -> None:
    (answer,) = Endpoint(settings(url)).answer([Question((request().crop,), "Rules.", "Task.", True)])
    assert not answer.error
    assert re.match(
        r'\{\s*"(caption|c)', answer.text
    )  # random weights would hit on that once in 65,000 times


def test_the_whole_engine_leaves_the_exact_description(url: str) -> None:
    """Random weights write no sense: what dic-small read stands. JSON cut short is asked for as text."""
    endpoint = Endpoint(replace(settings(url), retries=1, backoff=0.0))
    engine = Grounded(endpoint, GroundingSettings(structured=True), reader=Reader())
    (said,) = engine.caption([request()])
    assert said.evidence is not None and said.evidence.conflicts[0].startswith("endpoint: no usable reply")
    assert said.diagram == GRAPH and said.tokens[1] > 0, said.evidence.conflicts
    assert all(f'"{n.label}"' in said.caption for n in GRAPH.nodes)
