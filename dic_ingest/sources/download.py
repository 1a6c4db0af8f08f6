"""One GET of an address that the caller named: bounded bytes, time and redirects. In: a URL. Out: a file."""

from __future__ import annotations

import ipaddress
import socket
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from dic_ingest.errors import LimitError, MissingFileError, UrlError
from dic_ingest.sources.settings import InputSettings

ABSENT = frozenset({404, 410})
HEADERS = {"user-agent": "dic-ingest", "accept": "*/*", "accept-encoding": "identity"}


def download(url: str, target: Path, settings: InputSettings) -> str:
    """Write what a server answers for `url` to `target`; the media type that it names.

    A redirect leads neither from https to http nor, from a public address, to a private one.

    Raises:
        MissingFileError: the server says that nothing is there. LimitError: more than `max_bytes`.
        UrlError: no answer, an error, too slow, too many redirects or one that is not followed.
    """
    shown = urlsplit(url).hostname or url
    deadline = time.monotonic() + settings.timeout
    limits = httpx.Timeout(settings.timeout, connect=settings.connect)
    try:
        with httpx.Client(timeout=limits, headers=HEADERS, follow_redirects=False) as client:
            for _ in range(settings.redirects + 1):
                with client.stream("GET", url) as answer:
                    if answer.next_request is None:
                        return _written(answer, target, settings, deadline)
                    url = _followed(url, answer.headers.get("location", ""))
    except httpx.HTTPError as error:
        raise UrlError(
            f"{shown} does not answer as asked: {type(error).__name__}: {str(error).rstrip('.')}. "
            "Check address and network."
        ) from error
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise UrlError(f"{shown} is no address that can be read: {error}.") from error
    raise UrlError(f"{shown} redirects more than {settings.redirects} times. Raise input.redirects.")


def validators(url: str, settings: InputSettings) -> str:
    """What a server says changes with the content (ETag, date and size); "" where it says nothing."""
    try:
        limits = httpx.Timeout(settings.connect)
        answer = httpx.head(url, timeout=limits, headers=HEADERS, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return ""
    if answer.status_code != httpx.codes.OK:
        return ""
    found = [answer.headers.get(name, "") for name in ("etag", "last-modified")]
    return "|".join([*found, answer.headers.get("content-length", "")]) if any(found) else ""


def _written(answer: httpx.Response, target: Path, settings: InputSettings, deadline: float) -> str:
    host, status = answer.url.host, answer.status_code
    if status in ABSENT:
        raise MissingFileError(f"{host} answers {status}: nothing is at {answer.url.path}. Check the URL.")
    if not answer.is_success:
        raise UrlError(f"{host} answers {status} for {answer.url.path}. Check the URL and what it asks for.")
    size = 0
    with target.open("wb") as file:
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > settings.max_bytes:
                raise LimitError(
                    f"{host} sends more than InputSettings.max_bytes ({settings.max_bytes}). Raise it."
                )
            if time.monotonic() > deadline:
                raise UrlError(f"{host} sent no whole file in {settings.timeout:g} s. Raise input.timeout.")
            file.write(chunk)
    return str(answer.headers.get("content-type", ""))


def _followed(url: str, location: str) -> str:
    """Where a redirect leads; raises UrlError for a place that it must not lead to."""
    target = urljoin(url, location)
    before, after = urlsplit(url), urlsplit(target)
    if after.scheme not in ("http", "https") or (before.scheme == "https" and after.scheme == "http"):
        raise UrlError(f"{before.hostname} redirects to {after.scheme}, which is not followed.")
    if not _is_public(after.hostname or "") and _is_public(before.hostname or ""):
        raise UrlError(f"{before.hostname} redirects to a private address, which is not followed.")
    return target


def _is_public(host: str) -> bool:
    try:
        found = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return True  # the request itself will say so
    return all(ipaddress.ip_address(address).is_global for address in found)
