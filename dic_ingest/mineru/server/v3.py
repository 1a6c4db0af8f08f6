"""The 3.x dialect of mineru-api: POST /file_parse, JSON back whose members are JSON in text.

Out: a zip in the layout of a saved bundle, so that one reader serves all doors.
"""

from __future__ import annotations

import base64
import binascii
import json
import zipfile
from typing import Any

from dic_ingest.errors import ServerError
from dic_ingest.mineru.server.http import Connection, HttpResponse, Request, ServerResult, words_of

MEMBERS = {
    "middle_json": "middle.json",
    "content_list_v2": "content_list_v2.json",
    "content_list": "content_list.json",
}


def ask(connection: Connection, request: Request) -> ServerResult:
    """The result as a zip; raises ServerError on a refusal or an answer without a result.

    The whole file is parsed whatever the page range: these servers count pages anew from the range's first.
    """
    form = {
        "return_md": "false",
        "return_middle_json": "true",
        "return_content_list": "true",
        "return_images": "true" if request.pictures else "false",
        "image_analysis": "false",
        "parse_method": request.settings.ocr,
    }
    if request.settings.backend:
        form["backend"] = request.settings.backend
    answer = connection.send("POST", "/file_parse", request.file, data=form)
    if answer.status != 200:
        raise ServerError(f"the server refused (HTTP {answer.status}): {words_of(answer)}")
    said = answer.json()
    results = said.get("results") if isinstance(said, dict) else None
    if not isinstance(results, dict) or not results:
        raise ServerError("the server answered without `results`. Is it a mineru-api of version 2 or 3?")
    found = next(iter(results.values()))
    if not isinstance(found, dict):
        raise ServerError("the server's `results` hold no object. Is it a mineru-api of version 2 or 3?")
    backend = said.get("backend") or request.settings.backend
    return ServerResult(_bundle(answer, found), tier=backend if isinstance(backend, str) else "")


def _bundle(answer: HttpResponse, found: dict[str, Any]) -> Any:
    path = answer.body.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        kept = 0
        for member, name in MEMBERS.items():
            value = found.get(member)
            if value:
                archive.writestr(name, value if isinstance(value, str) else json.dumps(value))
                kept += 1
        if not kept:
            raise ServerError("the server gave neither middle_json nor content_list. Check its version.")
        images = found.get("images")
        for name, uri in (images if isinstance(images, dict) else {}).items():
            _picture(archive, str(name), uri)
    return path


def _picture(archive: zipfile.ZipFile, name: str, uri: object) -> None:
    if not isinstance(uri, str) or "/" in name or "\\" in name:
        return
    try:
        archive.writestr(f"images/{name}", base64.b64decode(uri.partition(",")[2], validate=True))
    except (binascii.Error, ValueError):
        return  # the figure keeps its place without this picture; the reader counts it
