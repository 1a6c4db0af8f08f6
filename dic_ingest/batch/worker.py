"""A worker process of a run: one JSON job a line in, one JSON answer a line out.

Started as `python -m dic_ingest.batch.worker`, so that a stuck or crashed document can be killed and counted,
and so that nobody's script needs a `__main__` guard.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TextIO

from dic_ingest.batch.work import WorkSettings, work
from dic_ingest.captioning.engines import make_captioner
from dic_ingest.settings import from_dict


def serve(lines: TextIO, answers: TextIO) -> None:
    """First line: settings. Every further line: a job. Ends with its input."""
    settings = from_dict(WorkSettings, json.loads(lines.readline()))
    captioner = make_captioner(settings.ingest.engine)
    for line in lines:
        answers.write(json.dumps(work(json.loads(line), settings, captioner)) + "\n")
        answers.flush()


if __name__ == "__main__":
    # libraries print; the protocol keeps standard output to itself
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.stdin, protocol)
