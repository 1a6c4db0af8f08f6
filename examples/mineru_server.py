"""Layout by a mineru-api server on another machine; figures are recovered and read here.

    mineru-api --host 0.0.0.0 --port 8000          # there
    python examples/mineru_server.py http://there:8000 samples/two_columns.pdf

A key goes into the environment variable MINERU_API_KEY.
"""

import sys

from dic_ingest import DICReader


def main(url: str, pdf: str) -> None:
    """Print what came, in reading order."""
    reader = DICReader(settings={"server": {"url": url}})
    for document in reader.load_data(pdf):
        about = document.metadata
        first = document.text.splitlines()[0] if document.text else ""
        print(f"page {about['page']}  {about['dic_type']:8} {first[:80]}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
