"""The inspector's pages when documents are removed: pages that show one of them go as a whole.

Their list of documents shows it, too; `dic-ingest inspect` writes the pages of the others again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dic_ingest.inspector.site import PAGES
from dic_ingest.owned_files import FolderKind, is_ours, ownership, remove_folder


class PagesHolder:
    """A folder of pages as `batch.remove` sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"pages in {self.folder.name}/"

    def remove(self, names: Sequence[str], dry_run: bool = False) -> Mapping[str, int]:
        """Remove the pages if they show one of the documents; see `batch.remove.Holder`."""
        found = ownership(self.folder)
        files = found.files if found else {}
        counts = {
            n: sum(f.startswith((f"{PAGES}/{n}.html", f"{PAGES}/{n}.files/")) for f in files) for n in names
        }
        if any(counts.values()) and not dry_run:
            remove_folder(self.folder, FolderKind.PAGES)
        return counts


def pages_holders(out: Path) -> list[PagesHolder]:
    """The folders of pages that lie in `out`."""
    folders = sorted(p for p in out.iterdir() if p.is_dir()) if out.is_dir() else []
    return [PagesHolder(p) for p in folders if is_ours(p, FolderKind.PAGES)]


def _beginnings(name: str) -> tuple[str, str]:
    """How the paths of a document's page and of its pictures begin."""
    return f"{PAGES}/{name}.html", f"{PAGES}/{name}.files/"
