"""The MCP server by the SDK's own client: in the process, as a subprocess over stdio, and over HTTP."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="pip install 'dic-ingest[serve]'")

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from PIL import Image

from dic_ingest.batch.settings import WorkSettings
from dic_ingest.errors import MissingExtraError, MissingFileError, SettingsError, UnsupportedFileError
from dic_ingest.serve.ingestion import Ingestion
from dic_ingest.serve.library import Library
from dic_ingest.serve.mcp_server import make_server
from dic_ingest.serve.searching import Searcher

ROOT = Path(__file__).resolve().parents[2]
TOOLS = {"search", "list_documents", "get_figure", "get_page", "ask_graph"}
pytestmark = pytest.mark.filterwarnings("default")  # of the SDK's streams at their end


def with_client(results: Path, act: Callable[[Client], Awaitable[None]], **more: Any) -> None:
    """`act` with a client of a server in this process."""

    async def go() -> None:
        async with Client(make_server(Searcher(Library(results)), **more)) as client:
            await act(client)

    asyncio.run(go())


async def good(client: Client, tool: str, **given: Any) -> dict[str, Any]:
    answer = await client.call_tool(tool, given)
    assert not answer.is_error, answer.content
    found: dict[str, Any] = answer.structured_content
    return found


async def refused(client: Client, tool: str, **given: Any) -> str:
    answer = await client.call_tool(tool, given)
    assert answer.is_error, answer.structured_content
    return str(answer.content[0].text)


def test_a_question_is_answered_by_a_figure_with_its_graph_and_place(results: Path) -> None:
    async def act(client: Client) -> None:
        assert {t.name for t in (await client.list_tools()).tools} == TOOLS
        (listed,) = (await good(client, "list_documents"))["documents"]
        assert listed["name"] == "orders" and listed["pages"] == 2
        figure_values = await client.call_tool("get_figure", {"document": "orders", "figure": "Figure 3"})
        picture = Image.open(io.BytesIO(base64.b64decode(figure_values.content[0].data)))
        assert picture.format == "PNG" and picture.size == (200, 200)
        known = figure_values.structured_content
        assert known["page"] == 1 and known["bbox"] == [100.0, 300.0, 300.0, 500.0]
        assert [n["label"] for n in known["graph"]["nodes"]] == [
            "Receive order",
            "Check stock",
            "Ship parcel",
        ]
        assert known["graph"]["nodes"][0]["bbox"] == [110.0, 310.0, 190.0, 330.0]  # on the page
        assert known["mermaid"].startswith("flowchart") and known["evidence"]["precision"] == 0.8
        assert json.loads(figure_values.content[1].text) == known

    with_client(results, act)


def test_the_graph_answers_neighbours_paths_and_order(results: Path) -> None:
    async def act(client: Client) -> None:
        about = {"document": "orders", "figure": "Figure 3"}
        near = await good(client, "ask_graph", **about, question="neighbours", node="check STOCK")
        assert [e["node"] for e in near["out"]] == ["Ship parcel"] and near["out"][0]["label"] == "in stock"
        assert [e["node"] for e in near["into"]] == ["Receive order"]
        ways = await good(client, "ask_graph", **about, question="paths", node="receive", to="n3")
        assert [[s["to"] for s in way] for way in ways["paths"]] == [["Check stock", "Ship parcel"]]
        back = await good(client, "ask_graph", **about, question="paths", node="n3", to="n1")
        assert back["paths"] == []
        order = await good(client, "ask_graph", **about, question="messages")
        assert [(m["step"], m["from"]) for m in order["messages"]] == [
            (1, "Receive order"),
            (2, "Check stock"),
        ]

    with_client(results, act)


def test_the_graphs_of_all_figures_answer_as_one(results: Path) -> None:
    from dic_ingest.batch.manifest import Entry, Manifest

    Manifest(results).add(Entry("orders.pdf", "skipped", name="orders", sha256="ab" * 32))

    async def act(client: Client) -> None:
        (listed,) = (await good(client, "list_documents"))["documents"]
        assert listed["status"] == "ok"  # unchanged in the last run, and there
        near = await good(client, "ask_graph", question="neighbours", node="ship parcel")
        assert near["node"].startswith("Ship parcel") and not near["cut"]
        (place,) = near["relations"][0]["places"]
        assert (place["document"], place["page"], place["figure_label"]) == ("orders", 1, "Figure 3")
        assert place["bbox"] is not None
        ways = await good(
            client, "ask_graph", question="paths", document="orders", node="receive order", to="ship parcel"
        )
        assert [len(way) for way in ways["paths"]] == [2]
        assert "There are: " in await refused(client, "ask_graph", question="neighbours", node="zebra")
        assert "its `document`" in await refused(client, "ask_graph", question="messages")
        await refused(client, "ask_graph", question="paths", node="ship parcel")
        await refused(client, "ask_graph", question="neighbours", document="../x", node="ship parcel")
        await refused(client, "ask_graph", question="neighbours", figure="Figure 3", node="ship parcel")

    with_client(results, act)


def test_words_find_nodes_without_an_index_and_pages_are_read(results: Path) -> None:
    from dic_ingest.batch.manifest import Entry, Manifest

    Manifest(results).add(Entry("orders.pdf", "ok", name="orders", sha256="ab" * 32))

    async def act(client: Client) -> None:
        hits = (await good(client, "search", query="ship parcel", figures_only=True))["hits"]
        hit = next(h for h in hits if h["label"] == "Figure 3")
        assert hit["document"] == "orders" and hit["page"] == 1 and hit["bbox"] == [100, 300, 300, 500]
        known = await good(client, "get_figure", document="orders", figure=hit["figure"])
        assert known["label"] == "Figure 3" and "Ship parcel" in {s["label"] for s in hit["support"]}
        page = await good(client, "get_page", document="orders", page=2)
        assert any("invoices" in b["text"] for b in page["blocks"])

    with_client(results, act)


def test_resources_hold_documents_figures_and_crops(results: Path) -> None:
    async def act(client: Client) -> None:
        templates = (await client.list_resource_templates()).resource_templates
        assert "dic://documents/{document}/figures/{figure}" in {t.uri_template for t in templates}
        whole = json.loads((await client.read_resource("dic://documents")).contents[0].text)
        assert whole["documents"][0]["name"] == "orders"
        about = json.loads((await client.read_resource("dic://documents/orders")).contents[0].text)
        figure = next(f["figure"] for f in about["figures"] if f["label"] == "Figure 3")
        known = await client.read_resource(f"dic://documents/orders/figures/{figure}")
        assert json.loads(known.contents[0].text)["label"] == "Figure 3"
        crop = await client.read_resource(f"dic://documents/orders/figures/{figure}/crop")
        assert base64.b64decode(crop.contents[0].blob).startswith(b"\x89PNG")
        for wrong in (
            "dic://documents/..",
            "dic://documents/%2e%2e%2fetc",
            "dic://documents/orders/pages/99",
        ):
            with pytest.raises(MCPError):
                await client.read_resource(wrong)

    with_client(results, act)


@pytest.mark.parametrize(
    "name", ["..", ".", "../orders", "/etc", "orders/figures", "no such", "\x00", ".index", "a" * 255]
)
def test_names_that_are_no_document_are_refused(results: Path, name: str) -> None:
    async def act(client: Client) -> None:
        said = await refused(client, "get_page", document=name, page=1)
        assert "no document" in said

    with_client(results, act)


def test_hostile_arguments_are_refused(results: Path) -> None:
    async def act(client: Client) -> None:
        await refused(client, "search", query="x" * 100_000)
        await refused(client, "search", query="x", count=10**9)
        await refused(client, "search", query={"a": 1})
        await refused(client, "get_page", document="orders", page="one")
        await refused(client, "get_page", document=["orders"], page=1)
        await refused(client, "get_figure", document="orders", figure="x" * 10_000)
        assert "has no figure" in await refused(client, "get_figure", document="orders", figure="Figure 99")
        about = {"document": "orders", "figure": "Figure 3"}
        await refused(client, "ask_graph", **about, question="delete")
        assert "There are: " in await refused(
            client, "ask_graph", **about, question="neighbours", node="zebra"
        )
        await refused(client, "ask_graph", **about, question="paths", node="n1")
        await refused(client, "ingest", path="/etc/passwd")  # read-only: there is no such tool

    with_client(results, act)


def test_a_document_that_is_a_link_is_none(results: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(results / "orders", outside)
    (results / "linked").symlink_to(outside)

    async def act(client: Client) -> None:
        assert [d["name"] for d in (await good(client, "list_documents"))["documents"]] == ["orders"]
        await refused(client, "get_page", document="linked", page=1)

    with_client(results, act)


def test_a_crop_outside_of_its_folder_is_not_sent(results: Path, tmp_path: Path) -> None:
    Image.new("RGB", (10, 10)).save(tmp_path / "secret.png")
    place = results / "orders" / "document.json"
    place.write_text(place.read_text("utf-8").replace("figures/flow.png", "../../secret.png"), "utf-8")

    async def act(client: Client) -> None:
        answer = await client.call_tool("get_figure", {"document": "orders", "figure": "Figure 3"})
        assert [c.type for c in answer.content] == ["text"] and "is no file" in answer.structured_content[
            "picture"
        ]

    with_client(results, act)


class Unindexed(Searcher):
    """Without the extra `stores`."""

    def update(self) -> int:
        raise MissingExtraError("lancedb", "stores")


def made_ingestion(results: Path, root: Path) -> Ingestion:
    return Ingestion(Unindexed(Library(results)), WorkSettings(), roots=(root,))


def test_only_files_within_the_roots_are_taken(results: Path, tmp_path: Path) -> None:
    root, outside = tmp_path / "papers", tmp_path / "private"
    for folder in (root, outside):
        folder.mkdir()
        shutil.copy(ROOT / "samples" / "flowchart.pdf", folder / "flow.pdf")
    (root / "link.pdf").symlink_to(outside / "flow.pdf")
    (root / "folder").symlink_to(outside)
    (root / "key.txt").write_text("secret")
    ingestion = made_ingestion(results, root)
    assert (
        ingestion.allowed("flow.pdf")
        == ingestion.allowed(str(root / "flow.pdf"))
        == (root / "flow.pdf").resolve()
    )
    for wrong in (
        outside / "flow.pdf",
        root / "link.pdf",
        root / "folder/flow.pdf",
        root / "../private/flow.pdf",
    ):
        with pytest.raises(MissingFileError, match="no such file"):
            ingestion.allowed(str(wrong))
    for wrong in ("", ".", "a\0b", "x" * 5000, "/dev/null", "/etc/passwd"):
        with pytest.raises(MissingFileError):
            ingestion.allowed(wrong)
    with pytest.raises(UnsupportedFileError):
        ingestion.allowed("key.txt")


def test_a_file_is_ingested_with_progress(results: Path, tmp_path: Path) -> None:
    root = tmp_path / "papers"
    root.mkdir()
    (root / "flow.mmd").write_text("flowchart TD\n  A[Receive order] --> B[Ship parcel]\n")
    told: list[str] = []

    async def progress(now: float, total: float | None, message: str | None) -> None:
        told.append(str(message))

    async def act(client: Client) -> None:
        answer = await client.call_tool("ingest", {"path": "flow.mmd"}, progress_callback=progress)
        assert not answer.is_error, answer.content
        assert "not indexed" in answer.structured_content["message"]
        assert answer.structured_content["stage"] == "done" and answer.structured_content["figures"] == 1
        name = answer.structured_content["document"]
        assert (await good(client, "get_page", document=name, page=1))["blocks"]
        assert "no such file" in await refused(client, "ingest", path="../papers2/flow.mmd")

    with_client(results, act, ingestion=made_ingestion(results, root))
    assert any("reading" in line for line in told)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", "dic_ingest", "serve", *arguments]


def test_over_stdio(results: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = StdioServerParameters(command=sys.executable, args=command(str(results), "--mcp")[1:], env=env)

    async def go() -> None:
        async with Client(server) as client:
            assert (await good(client, "list_documents"))["total"] == 1

    asyncio.run(go())


@pytest.fixture
def served(results: Path) -> Iterator[str]:
    """The address of a server over HTTP with the token "sesame"."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DIC_SERVE_TOKEN": "sesame"}
    with subprocess.Popen(
        command(str(results), "--mcp", "--http", "--port", str(port)),
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def test_over_http_with_a_token_alone(served: str) -> None:
    async def go() -> None:
        async with (
            httpx2.AsyncClient(headers={"authorization": "Bearer sesame"}) as http,
            Client(streamable_http_client(served, http_client=http)) as client,
        ):
            assert (await good(client, "list_documents"))["total"] == 1

    asyncio.run(go())
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    own = {"authorization": "Bearer sesame", "accept": "application/json, text/event-stream"}

    def status(**more: str) -> int:
        headers = {k: v for k, v in {**own, **more}.items() if v}
        return httpx2.post(served, json=body, headers=headers).status_code

    assert status(authorization="") == 401 and status(authorization="Bearer wrong") == 401
    assert status(authorization="Basic sesame") == 401
    assert status(host="evil.example") == 421 and status(host="127.0.0.1.evil.example") == 421
    assert status(origin="http://evil.example") == 403
    assert httpx2.post(served, content=b"x" * (5 << 20), headers=own).status_code == 413


def test_what_cannot_be_served_is_said(tmp_path: Path, results: Path) -> None:
    from dic_ingest.index.update import IndexSettings
    from dic_ingest.serve.start import Served, serve_mcp_stdio

    with pytest.raises(MissingFileError, match="no folder"):
        serve_mcp_stdio(Served(tmp_path / "none", IndexSettings(), WorkSettings()))
    with pytest.raises(SettingsError, match="--root"):
        serve_mcp_stdio(Served(results, IndexSettings(), WorkSettings(), may_write=True))
