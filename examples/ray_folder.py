"""A folder read by the workers of a Ray cluster; what fails is told, a second run skips what is done.

    python examples/ray_folder.py samples results                    # a cluster of this machine's cores
    python examples/ray_folder.py s3://bucket/manuals s3://bucket/results ray://head:10001

Nodes of the cluster need this package and must see the same files. Needs: pip install '.[ray]'
"""

import sys

from dic_ingest.batch.run import RunSettings, run
from dic_ingest.batch.settings import WorkSettings


def main(folder: str, out: str, address: str = "local") -> None:
    """Print a line per document."""
    for entry in run([folder], out, WorkSettings(), RunSettings(workers=2, ray=address)):
        if entry.status in ("ok", "partial", "skipped"):
            print(f"{entry.file}: {entry.status}, {entry.pages} pages, {entry.figures} figures")
        else:
            print(f"{entry.file}: {entry.status}, {entry.error}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
