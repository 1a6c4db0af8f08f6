"""A folder of PDFs, pictures, office files and plain text through LlamaIndex's SimpleDirectoryReader.

    python examples/mixed_folder.py samples

Office files are read where the extra `office` is installed; LlamaIndex's own readers take the rest.
"""

import importlib.util
import sys
from collections import Counter

from llama_index.core import SimpleDirectoryReader

from dic_ingest import DICReader
from dic_ingest.sources.office.settings import SUFFIXES as OFFICE
from dic_ingest.sources.settings import PICTURES


def main(folder: str) -> None:
    """Print a line per file: how many documents of which type came out of it."""
    reader = DICReader()
    suffixes = {".pdf", *PICTURES}
    if importlib.util.find_spec("unstructured"):
        suffixes |= set(OFFICE)
    found = SimpleDirectoryReader(
        folder,
        required_exts=[*suffixes, ".txt"],
        file_extractor={suffix: reader for suffix in suffixes},
        recursive=True,
    ).load_data()
    counts: dict[str, Counter[str]] = {}
    for document in found:
        kind = document.metadata.get("dic_type", "read by LlamaIndex")
        counts.setdefault(document.metadata["file_name"], Counter())[kind] += 1
    for name, of_kind in counts.items():
        print(f"{name}: " + ", ".join(f"{n} {kind}" for kind, n in of_kind.most_common()))
    for failure in reader.failures:
        print(f"not read: {failure.file}: {failure.message}")


if __name__ == "__main__":
    main(sys.argv[1])
