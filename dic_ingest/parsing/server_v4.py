"""The 4.0 dialect of mineru-api: POST /v1/file_parse, a zip back; a long parse is polled under /v1/tasks."""

from __future__ import annotations

import time
from typing import Any

from dic_ingest.errors import ModelsMissingError, ServerError
from dic_ingest.parsing.server_http import Answer, Connection, Reply, Request, words_of

WAIT = 300  # seconds, the most that the server holds a request open
MISSING = ("is not ready under", "E1020", "MINERU_MODEL_SOURCE")


def ask(connection: Connection, request: Request) -> Reply:
    """The result as a zip. What flash refuses as a scan is asked for once more by its text layer.

    Raises:
        ServerError: any other refusal. ModelsMissingError: a tier above flash lacks weights on the server.
    """
    answer = _parse(connection, request, request.settings.ocr)
    if answer.status == 200:
        return Reply(answer.body)
    said = words_of(answer)
    if not any(m in said for m in MISSING):
        raise ServerError(f"the server refused (HTTP {answer.status}): {said}")
    if request.settings.tier not in ("", "flash"):
        raise ModelsMissingError(f"the server has no weights for tier {request.settings.tier}: {said}")
    again = _parse(connection, request, "txt")
    if again.status == 200:
        return Reply(again.body, refused=said)
    return Reply(None, refused=said)


def _parse(connection: Connection, request: Request, ocr: str) -> Answer:
    params: dict[str, Any] = {
        "output_formats": ["middle_json", "zip"],
        "response_format": "zip",
        "ocr_mode": ocr,
        "wait_timeout": max(1, int(min(WAIT, connection.left))),
    }
    if request.settings.tier:
        params["tier"] = request.settings.tier
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
