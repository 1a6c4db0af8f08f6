"""The 4.0 dialect of mineru-api: POST /v1/file_parse, a zip back; a long parse is polled under /v1/tasks."""

from __future__ import annotations

import time
from typing import Any

from dic_ingest.errors import ModelsMissingError, ServerError
from dic_ingest.mineru.server.http import Connection, HttpResponse, Request, ServerResult, words_of

WAIT = 300  # seconds, the most that the server holds a request open
MISSING = ("is not ready under", "E1020", "MINERU_MODEL_SOURCE")


def ask(connection: Connection, request: Request) -> ServerResult:
    """The result as a zip. What flash refuses as a scan is asked for once more by its text layer.

    Raises:
        ServerError: any other refusal. ModelsMissingError: a tier above flash lacks weights on the server.
    """
    tier = request.settings.tier or _best(connection)
    answer = _parse(connection, request, tier, request.settings.ocr)
    if answer.status == 200:
        return ServerResult(answer.body)
    said = words_of(answer)
    if not any(m in said for m in MISSING):
        raise ServerError(f"the server refused (HTTP {answer.status}): {said}")
    if tier not in ("", "flash"):
        raise ModelsMissingError(f"the server has no weights for tier {tier}: {said} Ask for tier flash.")
    again = _parse(connection, request, tier, "txt")
    if again.status == 200:
        return ServerResult(again.body, refused=said)
    return ServerResult(None, refused=said)


def _best(connection: Connection) -> str:
    """The best tier offered, since a server with flash alone wants it named; "" leaves the choice to it."""
    listed = (connection.get_json("/v1/tiers") or {}).get("data")
    offered = {t.get("id") for t in listed if isinstance(t, dict)} if isinstance(listed, list) else set()
    return next((t for t in ("standard", "basic", "flash") if t in offered), "")


def _parse(connection: Connection, request: Request, tier: str, ocr: str) -> HttpResponse:
    params: dict[str, Any] = {
        "output_formats": ["middle_json", "zip"],
        "response_format": "zip",
        "ocr_mode": ocr,
        "wait_timeout": max(1, int(min(WAIT, connection.left))),
    }
    if tier:
        params["tier"] = tier
    if request.page_range:
        params["page_range"] = request.page_range
    answer = connection.send("POST", "/v1/file_parse", request.file, params=params)
    pause = 0.5
    while answer.status == 202:
        task = answer.json()
        name = task.get("task_id") if isinstance(task, dict) else None
        if not isinstance(name, str) or not name.replace("_", "").replace("-", "").isalnum():
            raise ServerError("the server put the file off without naming a task. Try again.")
        time.sleep(min(pause, connection.left))
        pause = min(pause * 1.5, 5.0)
        answer = connection.send("GET", f"/v1/tasks/{name}/result", params={"response_format": "zip"})
    return answer
