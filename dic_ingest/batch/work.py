"""What is done to one document of a run: ingest it, cut it into nodes, put its results in place."""

from __future__ import annotations

import errno
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dic_ingest.batch.results import staged, write_document
from dic_ingest.captioning.request import Captioner
from dic_ingest.errors import DICIngestError
from dic_ingest.nodes import NodeSettings
from dic_ingest.pipeline import Settings, ingest, is_partial

# of the output folder, not of one document: every further document would fail in the same way
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


@dataclass(frozen=True, slots=True)
class WorkSettings:
    """Everything that a document's results depend on; one TOML file maps to it one to one."""

    ingest: Settings = field(default_factory=Settings)
    nodes: NodeSettings = field(default_factory=NodeSettings)


def work(job: dict[str, Any], settings: WorkSettings, captioner: Captioner | None) -> dict[str, Any]:
    """Ingest `job["file"]` into `job["out"]/job["name"]`; the answer holds the fields of a manifest entry.

    And `fatal`, where the run as a whole cannot go on.
    """
    started = time.perf_counter()
    file = Path(job["file"])
    try:
        with staged(Path(job["out"]), job["name"]) as folder:
            document = ingest(
                file, settings.ingest, folder, captioner, job.get("password"), job.get("pages") or ""
            )
            write_document(document, folder, settings.nodes)
        answer: dict[str, Any] = {
            "status": "partial" if is_partial(document) else "ok",
            "pages": len(document.pages),
            "figures": sum(1 for f in document.figures if f.route and f.route.kept),
            "warnings": [w.message for w in document.warnings],
            "sha256": document.sha256,
            "tier": document.parser.tier,
        }
    except DICIngestError as error:
        answer = {"status": "failed", "error": str(error)}
    except OSError as error:
        answer = {"status": "failed", "error": f"{error.strerror or error}: {error.filename or file}"}
        if error.errno in NO_ROOM:
            answer["fatal"] = f"{error.strerror} while writing the results of {file.name}"
    except MemoryError:
        answer = {"status": "failed", "error": f"{file} needs more memory than there is."}
    except Exception as error:  # one bad document never loses a folder
        answer = {"status": "failed", "error": f"unexpected {type(error).__name__}: {error}"}
    return {"file": job["file"], "seconds": round(time.perf_counter() - started, 3), **answer}
