"""A worker process of a run: one JSON job a line in, one JSON answer a line out.

Started as `python -m dic_ingest.batch.worker`, so that a stuck or crashed document can be killed and counted, and so
that nobody's script needs a `__main__` guard.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from dic_ingest.batch.results import staged, write_document
from dic_ingest.captioning.engines import make_captioner
from dic_ingest.errors import DICIngestError
from dic_ingest.pipeline import Settings, ingest, is_partial
from dic_ingest.settings import from_dict


def work(job: dict[str, Any], settings: Settings, captioner: Any) -> dict[str, Any]:
    """Ingest one file into its results folder; the answer holds the fields of a manifest entry."""
    started = time.perf_counter()
    file, out = Path(job["file"]), Path(job["out"])
    try:
        with staged(out, job["name"]) as folder:
            document = ingest(file, settings, folder, captioner, job.get("password"))
            write_document(document, folder, settings.nodes)
        answer = {
            "status": "partial" if is_partial(document) else "ok",
            "pages": len(document.pages),
            "figures": sum(1 for f in document.figures if f.route and f.route.kept),
            "warnings": [w.message for w in document.warnings],
            "sha256": document.sha256,
            "tier": document.parser.tier,
        }
    except DICIngestError as error:
        answer = {"status": "failed", "error": str(error)}
    except OSError as error:  # disk full, read-only output, vanished input: told, and the run goes on
        answer = {"status": "failed", "error": f"{error.strerror or error}: {error.filename or file}"}
    except Exception as error:  # one bad document never loses a folder
        answer = {"status": "failed", "error": f"unexpected {type(error).__name__}: {error}"}
    return {"file": job["file"], "seconds": round(time.perf_counter() - started, 3), **answer}


def serve(lines: TextIO, answers: TextIO) -> None:
    """First line: settings. Every further line: a job. Ends with its input."""
    settings = from_dict(Settings, json.loads(lines.readline()))
    captioner = make_captioner(settings.engine)
    for line in lines:
        answers.write(json.dumps(work(json.loads(line), settings, captioner)) + "\n")
        answers.flush()


if __name__ == "__main__":
    # libraries print; the protocol keeps standard output to itself
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.stdin, protocol)
