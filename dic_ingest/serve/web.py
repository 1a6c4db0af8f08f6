"""The web page: ask, look, upload, review; Starlette routes over one library, every page by jinja2 with
autoescape.

All assets are the package's own. What changes something is a POST with the CSRF token of this process; host
names, origins, tokens and sizes are checked before (`access.py`).
"""

from __future__ import annotations

import hmac
import json
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

import jinja2
from starlette.applications import Starlette
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from dic_ingest.errors import DICIngestError, MissingFileError
from dic_ingest.inspector.site import MERMAID, SCRIPTS, STYLES, asset, json_text
from dic_ingest.serve.answering import answer
from dic_ingest.serve.document_pages import DocumentPages
from dic_ingest.serve.ingestion import Ingestion, IngestionJob
from dic_ingest.serve.review import Reviews
from dic_ingest.serve.searching import FoundNode, Searcher

T = TypeVar("T")
HITS = 8  # shown for a question
MAX_FIELDS = 10  # of a form
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
CARD = ("dom.js", "viewer.js", "pages.js", "redraw.js", "figure.js")  # the inspector's, for one figure


class Web:
    """What the routes share."""

    def __init__(self, searcher: Searcher, ingestion: Ingestion | None, answers: tuple[str, str]) -> None:
        self.searcher, self.ingestion, self.answers = searcher, ingestion, answers
        self.library = searcher.library
        self.pages, self.reviews = DocumentPages(self.library), Reviews(self.library)
        self.csrf = secrets.token_urlsafe(32)
        self.templates = jinja2.Environment(
            loader=jinja2.PackageLoader("dic_ingest.serve"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters["path"] = lambda text: quote(str(text), safe="")
        self.assets = _assets()

    def show(self, template: str, /, status: int = 200, **values: Any) -> Response:
        """A template as a page."""
        shared = {
            "csrf": self.csrf,
            "may_write": self.ingestion is not None,
            "answers": self.answers[1],
            "data": json_text(values.pop("data", {})),
        }
        text = self.templates.get_template(template).render(**shared, **values)
        body = text.encode("utf-8", "replace")  # file names and texts may hold halves of characters
        return HTMLResponse(body, status, {"cache-control": "no-store"})

    def check(self, token: str) -> None:
        """Refuse what does not come from a page of this server."""
        if not hmac.compare_digest(token.encode(), self.csrf.encode()):
            raise HTTPException(403, "This page is out of date. Load it again.")

    # pages

    async def home(self, request: Request) -> Response:
        """The question box, the documents, uploads."""
        listed = await asked(self.library.listed)
        waiting, done = await asked(self._progress)
        return self.show(
            "home.html", documents=listed, waiting=waiting, done=done, indexed=self.searcher.is_indexed
        )

    def _progress(self) -> tuple[int, int]:
        keys = {w.key for w in self.reviews.waiting()}
        done = keys & self.reviews.answers().keys()
        return len(keys), len(done)

    async def search(self, request: Request) -> Response:
        """What answers a question, figures with their place on the page."""
        question = request.query_params.get("q", "").strip()
        if not question:
            return RedirectResponse("/", 303)
        try:
            found = await run_in_threadpool(self.searcher.find, question, HITS)
        except DICIngestError as error:
            return self.show("search.html", 400, question=question[:200], hits=[], problem=str(error))
        return self.show("search.html", question=question, hits=found, problem="")

    async def worded(self, request: Request) -> Response:
        """An answer in words from the server that was named."""
        self.check(request.headers.get("x-csrf-token", ""))
        url, model = self.answers
        if not url:
            raise HTTPException(404, "No server for answers was named (--answer-url).")
        question = str((await _json(request)).get("q", "")).strip()
        found: list[FoundNode] = await asked(self.searcher.find, question, HITS)
        text = await asked(answer, question, [f.text for f in found], url, model)
        return JSONResponse({"answer": text})

    async def document(self, request: Request) -> Response:
        """The inspector's page of a document."""
        text = await asked(self.pages.document, request.path_params["name"])
        return HTMLResponse(text.encode("utf-8", "replace"))

    async def page_picture(self, request: Request) -> Response:
        """A page as PNG."""
        return _png(
            await asked(self.library.page, request.path_params["name"], request.path_params["number"])
        )

    async def crop(self, request: Request) -> Response:
        """A figure's crop as PNG."""
        name, wanted = request.path_params["name"], request.path_params["figure"]
        _, figure = await asked(self.library.figure, name, wanted)
        return _png(await asked(self.library.crop, name, figure))

    async def figure(self, request: Request) -> Response:
        """A figure beside what was read in it, with its place and the form for a review."""
        return await self._figure(request.path_params["name"], request.path_params["figure"])

    async def _figure(self, name: str, wanted: str, problem: str = "", given: Any = None) -> Response:
        index, figure = await asked(self.library.figure, name, wanted)
        values = await asked(self.pages.figure, name, index)
        waiting = await asked(self.reviews.waiting)
        given_before = await asked(self.reviews.answers)
        key = f"{name}/{figure.id}"
        after = _next([w.key for w in waiting], key, set(given_before))
        shown = values["figures"][0]
        return self.show(
            "figure.html",
            422 if problem else 200,
            data=values,
            name=name,
            figure=figure,
            index=index,
            title=values["title"] or values["file"],
            caption=given["caption"] if given else "".join(p["text"] for p in shown["caption"]),
            mermaid=given["mermaid"] if given else shown["mermaid"],
            can_review=any(w.key == key for w in waiting),
            said=given_before.get(key, []),
            after=after,
            problem=problem,
        )

    async def review(self, request: Request) -> Response:
        """The figures that can be reviewed, the most doubtful first."""
        waiting = await asked(self.reviews.waiting)
        said = await asked(self.reviews.answers)
        return self.show("review.html", waiting=waiting, said=said)

    # what changes something

    async def say(self, request: Request) -> Response:
        """Keep a review, then go on with the next figure."""
        form = await request.form(max_files=0, max_fields=MAX_FIELDS)
        given = {k: str(form.get(k, "")) for k in ("csrf", "who", "verdict", "caption", "mermaid")}
        self.check(given["csrf"])
        if self.ingestion is None:
            raise HTTPException(403, "This server is read-only.")
        name, wanted = request.path_params["name"], request.path_params["figure"]
        _, figure = await asked(self.library.figure, name, wanted)
        try:
            await run_in_threadpool(
                self.reviews.say,
                name,
                figure.id,
                given["who"],
                given["verdict"],
                given["caption"],
                given["mermaid"],
            )
        except DICIngestError as error:
            return await self._figure(name, figure.id, str(error), given)
        order = [w.key for w in await asked(self.reviews.waiting)]
        after = _next(order, f"{name}/{figure.id}", set(await asked(self.reviews.answers)))
        return RedirectResponse(_href(after) if after else "/review", 303)

    async def upload(self, request: Request) -> Response:
        """Take a file as the body of the request, and begin to read it."""
        self.check(request.headers.get("x-csrf-token", ""))
        if self.ingestion is None:
            raise HTTPException(403, "This server is read-only.")
        with tempfile.TemporaryFile() as held:
            async for chunk in request.stream():
                await run_in_threadpool(held.write, chunk)
            name = request.query_params.get("name", "")[:255]
            path = await asked(self.ingestion.keep, name, held)
        job: IngestionJob = await asked(self.ingestion.start, path)
        return JSONResponse({"job": job.id})

    async def events(self, request: Request) -> Response:
        """A file's way as server-sent events."""
        job = self.ingestion.jobs.get(request.path_params["job"]) if self.ingestion else None
        if job is None or self.ingestion is None:
            raise HTTPException(404, "There is no such upload.")
        states = self.ingestion.follow(job)

        async def stream() -> AsyncIterator[str]:
            async for state in iterate_in_threadpool(states):
                yield f"data: {json.dumps(state)}\n\n"

        return StreamingResponse(
            stream(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    async def asset(self, request: Request) -> Response:
        """One of the package's own files."""
        name = request.path_params["name"]
        if name not in self.assets:
            raise HTTPException(404)
        kind = TYPES[name.rpartition(".")[2]]
        return Response(self.assets[name](), media_type=kind, headers={"cache-control": "max-age=300"})

    async def no_icon(self, request: Request) -> Response:
        """Browsers ask for one on pages that name none."""
        return Response(status_code=204)

    async def refused(self, request: Request, error: Exception) -> Response:
        """What went wrong, as a page, or as JSON for a script."""
        status, said = 500, "Something went wrong here."
        if isinstance(error, HTTPException):
            status, said = error.status_code, error.detail
        elif isinstance(error, DICIngestError):
            status, said = (404 if isinstance(error, MissingFileError) else 400), str(error)
        if request.method == "POST" and "x-csrf-token" in request.headers:
            return JSONResponse({"error": said}, status)
        return self.show("error.html", status, said=said)


def make_app(
    searcher: Searcher, ingestion: Ingestion | None, answers: tuple[str, str] = ("", "")
) -> Starlette:
    """The page as an ASGI application; `access.Guard` belongs in front of it."""
    web = Web(searcher, ingestion, answers)
    own, figure = "/documents/{name}", "/documents/{name}/figures/{figure}"
    routes = [
        Route("/", web.home),
        Route("/favicon.ico", web.no_icon),
        Route("/search", web.search),
        Route("/answer", web.worded, methods=["POST"]),
        Route("/review", web.review),
        Route("/upload", web.upload, methods=["POST"]),
        Route("/jobs/{job:int}/events", web.events),
        Route("/assets/{name}", web.asset),
        Route(own, web.document),
        Route(own + "/pages/{number:int}.png", web.page_picture),
        Route(figure, web.figure),
        Route(figure + "/crop.png", web.crop),
        Route(figure + "/review", web.say, methods=["POST"]),
    ]
    handlers: Any = {HTTPException: web.refused, DICIngestError: web.refused, Exception: web.refused}
    return Starlette(routes=routes, exception_handlers=handlers)


async def asked(act: Callable[..., T], *given: Any) -> T:
    """What `act` returns, called in a thread."""
    return await run_in_threadpool(partial(act, *given))


async def _json(request: Request) -> dict[str, Any]:
    try:
        found = await request.json()
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise HTTPException(400, "A JSON object is wanted.")
    return found


def _assets() -> dict[str, Callable[[], str]]:
    """The files that pages may ask for, by name."""
    package = jinja2.PackageLoader("dic_ingest.serve", "assets")
    environment = jinja2.Environment(loader=package, autoescape=True)

    def own(name: str) -> str:
        return package.get_source(environment, name)[0]

    def joined(names: tuple[str, ...]) -> str:
        return "".join(asset(n) for n in names)

    return {
        "document.css": partial(joined, STYLES["document"]),
        "document.js": partial(joined, SCRIPTS["document"]),
        "card.js": partial(joined, CARD),
        "base.css": partial(asset, "base.css"),
        "dom.js": partial(asset, "dom.js"),
        MERMAID: partial(asset, MERMAID),
        **{name: partial(own, name) for name in ("serve.css", "serve.js", "figure_page.js")},
    }


def _png(data: bytes) -> Response:
    return Response(data, media_type="image/png", headers={"cache-control": "private, max-age=60"})


def _next(order: list[str], key: str, done: set[str]) -> str:
    """The first figure after this one that nobody has reviewed, then from the beginning; "" for none."""
    at = order.index(key) if key in order else -1
    return next((k for k in (*order[at + 1 :], *order[: max(0, at)]) if k not in done), "")


def _href(key: str) -> str:
    name, _, figure = key.rpartition("/")
    return f"/documents/{quote(name, safe='')}/figures/{quote(figure, safe='')}"
