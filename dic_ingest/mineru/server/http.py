"""One mineru-api server over HTTP: retries on connect, a deadline, answers no larger than allowed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from dic_ingest.errors import ServerError
from dic_ingest.mineru.settings import KEY as KEY
from dic_ingest.mineru.settings import ServerSettings as ServerSettings

BUSY = (429, 502, 503, 504)
MESSAGE = 300  # characters of a server's own words that are passed on


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the file, its pages (from 1) and their range as given, and whether pictures are
    wanted."""

    file: Path
    pages: tuple[int, ...]
    page_range: str
    settings: ServerSettings
    pictures: bool


@dataclass(frozen=True, slots=True)
class ServerResult:
    """A bundle to read, or why the server refused the file as a scan; the tier or backend it used."""

    bundle: Path | None
    tier: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response: status and the file that its body was saved to."""

    status: int
    body: Path

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body.read_bytes())
        except (ValueError, RecursionError):
            return None


class Connection:
    """An open client for one document; use as a context manager."""

    def __init__(self, settings: ServerSettings, key: str, folder: Path) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.settings = settings
        self.folder = folder
        self.deadline = time.monotonic() + settings.timeout
        timeout = httpx.Timeout(settings.timeout, connect=settings.connect)
        self._client = httpx.Client(base_url=settings.url.rstrip("/"), headers=headers, timeout=timeout)
        self._count = 0

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @property
    def left(self) -> float:
        """Seconds until the deadline; raises ServerError when none are left."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise ServerError(f"the server took longer than {self.settings.timeout:g} s. Raise `timeout`.")
        return left

    def get_json(self, path: str) -> dict[str, Any] | None:
        """The JSON object at `path`; None for 404 and for anything that is no object."""
        answer = self.send("GET", path)
        found = answer.json() if answer.status == 200 else None
        return found if isinstance(found, dict) else None

    def send(self, method: str, path: str, file: Path | None = None, **options: Any) -> HttpResponse:
        """One request, tried again where the server was not reached or was busy; `file` goes as `files`."""
        for attempt in range(self.settings.retries + 1):
            last = attempt == self.settings.retries
            try:
                answer = self._once(method, path, file, options)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if last:
                    raise ServerError(
                        f"{self.settings.url} cannot be reached ({error}). Is it running?"
                    ) from error
            except httpx.TimeoutException as error:
                raise ServerError(
                    f"no answer within {self.settings.timeout:g} s. Raise `timeout`."
                ) from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise ServerError(
                    f"the connection to {self.settings.url} broke ({error}). Try again."
                ) from error
            else:
                if answer.status in (401, 403):
                    raise ServerError(f"the server wants a key (HTTP {answer.status}). Set {KEY}.")
                if answer.status not in BUSY or last:
                    return answer
            time.sleep(min(0.5 * 2**attempt, self.left))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _once(self, method: str, path: str, file: Path | None, options: dict[str, Any]) -> HttpResponse:
        self._count += 1
        body = self.folder / f"answer-{self._count}"
        if file is None:
            return self._receive(method, path, body, options)
        with file.open("rb") as handle:
            # the name is ours: the server has no need of the user's
            files = {"files": ("document.pdf", handle, "application/pdf")}
            return self._receive(method, path, body, options | {"files": files})

    def _receive(self, method: str, path: str, body: Path, options: dict[str, Any]) -> HttpResponse:
        size = 0
        with self._client.stream(method, path, timeout=self._timeout(), **options) as response:
            with body.open("wb") as target:
                for chunk in response.iter_bytes():
                    size += len(chunk)
                    if size > self.settings.max_bytes:
                        raise ServerError("the answer is larger than ServerSettings.max_bytes. Raise it.")
                    target.write(chunk)
            return HttpResponse(response.status_code, body)

    def _timeout(self) -> httpx.Timeout:
        return httpx.Timeout(self.left, connect=min(self.settings.connect, self.left))


def words_of(answer: HttpResponse) -> str:
    """What the server says is wrong, from either dialect's error body."""
    said = answer.json()
    for _ in range(4):
        if not isinstance(said, dict):
            break
        files = said.get("files")
        first = files[0] if isinstance(files, list) and files and isinstance(files[0], dict) else {}
        said = said.get("error") or first.get("error") or said.get("message") or said.get("detail")
    return said[:MESSAGE] if isinstance(said, str) else f"HTTP {answer.status}"
