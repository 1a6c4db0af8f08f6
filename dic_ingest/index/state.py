"""What an index holds, in one SQLite file: documents, their nodes with hashes, and words for search.

Written before the store is: after a kill it names at least what the store may hold.
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dic_ingest.nodes import NodeRecord
from dic_ingest.text.search_terms import search_terms

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, file TEXT, sha TEXT, digest TEXT, whole INTEGER);
CREATE TABLE IF NOT EXISTS nodes
    (row INTEGER PRIMARY KEY, id TEXT UNIQUE, document TEXT, hash TEXT, record TEXT);
CREATE INDEX IF NOT EXISTS by_document ON nodes (document);
CREATE TABLE IF NOT EXISTS withheld (file TEXT PRIMARY KEY);
"""
WORDS_TABLE = "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, tokenize='unicode61')"
WORDS = "3"  # version of what is kept in `words`; another one is made anew from the records
AROUND = 80  # words of a paragraph beside a figure that are counted for the figure, too
MANY = 500  # below SQLite's limit on parameters


@dataclass(frozen=True, slots=True)
class Indexed:
    """A document as it was indexed; `whole` is False from before it is written until after."""

    name: str
    file: str
    sha: str
    digest: str  # of its nodes.jsonl
    whole: bool


class IndexState:
    """The SQLite file of one index, or without a path the same in memory. Close it after use."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        weakref.finalize(self, self._db.close)  # one in memory that a cache lets go
        self._db.executescript(SCHEMA + WORDS_TABLE)
        if self.meta("words") != WORDS:
            self._count_words_again()

    def close(self) -> None:
        """Free the file."""
        self._db.close()

    def meta(self, key: str, value: str | None = None) -> str:
        """A remembered value, "" for none; `value` replaces it."""
        if value is not None:
            with self._db:
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def documents(self) -> dict[str, Indexed]:
        """All documents, by name."""
        rows = self._db.execute("SELECT name, file, sha, digest, whole FROM documents")
        return {r[0]: Indexed(r[0], r[1], r[2], r[3], bool(r[4])) for r in rows}

    def hashes(self, name: str) -> dict[str, str]:
        """Ids of a document's nodes, with their hashes."""
        rows = self._db.execute("SELECT id, hash FROM nodes WHERE document = ?", (name,))
        return {r[0]: r[1] for r in rows}

    def any_node(self) -> str:
        """The id of some node of a whole document, "" for none."""
        row = self._db.execute(
            "SELECT n.id FROM nodes n JOIN documents d ON d.name = n.document WHERE d.whole LIMIT 1"
        ).fetchone()
        return str(row[0]) if row else ""

    def begin(
        self, document: Indexed, gone: Sequence[str], fresh: Sequence[tuple[str, str, str, str]]
    ) -> None:
        """Before the store is written: the document is not whole.

        Fresh: (id, hash, record, what `searched_texts` gives of it).
        """
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, 0)",
                (document.name, document.file, document.sha, document.digest),
            )
            self._forget(gone, words_only=True)
            self._forget([f[0] for f in fresh])
            for node_id, digest, record, text in fresh:
                made = self._db.execute(
                    "INSERT INTO nodes (id, document, hash, record) VALUES (?, ?, ?, ?)",
                    (node_id, document.name, digest, record),
                )
                words = (made.lastrowid, indexed_terms(text, document.file))
                self._db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", words)

    def end(self, name: str, gone: Sequence[str]) -> None:
        """After the store was written: the document is whole, nodes that are gone are forgotten."""
        with self._db:
            self._forget(gone)
            self._db.execute("UPDATE documents SET whole = 1 WHERE name = ?", (name,))

    def forget(self, name: str) -> None:
        """After a document's nodes were deleted from the store."""
        ids = list(self.hashes(name))
        with self._db:
            self._forget(ids)
            self._db.execute("DELETE FROM documents WHERE name = ?", (name,))

    def withheld(self) -> set[str]:
        """Files that were deleted from the index and stay out of it, by their paths in the manifest."""
        return {r[0] for r in self._db.execute("SELECT file FROM withheld")}

    def withhold(self, file: str) -> None:
        """Keep a file out of the index from now on."""
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO withheld VALUES (?)", (file,))

    def readmit(self, file: str) -> None:
        """Let a file into the index again."""
        with self._db:
            self._db.execute("DELETE FROM withheld WHERE file = ?", (file,))

    def purge(self) -> None:
        """Take deleted text off the disk: SQLite leaves it in free pages otherwise."""
        with self._db:
            self._db.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._db.execute("VACUUM")

    def clear(self) -> None:
        """Forget everything but which files stay out."""
        with self._db:
            for table in ("meta", "documents", "nodes", "words"):
                self._db.execute(f"DELETE FROM {table}")
            self._db.execute("INSERT INTO meta VALUES ('words', ?)", (WORDS,))

    def by_words(self, question: str, count: int) -> list[tuple[str, float]]:
        """Ids of the nodes that hold words of the question, with BM25 scores, best first."""
        terms = list(dict.fromkeys(search_terms(question, query=True)))[:MANY]
        if not terms:
            return []
        query = " OR ".join(f'"{t}"' for t in terms)
        rows = self._db.execute(
            "SELECT n.id, bm25(words) AS score FROM words JOIN nodes n ON n.row = words.rowid "
            "WHERE words MATCH ? ORDER BY score, n.id LIMIT ?",
            (query, count),
        )
        return [(r[0], -r[1]) for r in rows]  # SQLite's are negative, so that small is good

    def records(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Nodes' records (lines of nodes.jsonl) and their documents' names, by id."""
        found = {}
        for start in range(0, len(ids), MANY):
            some = ids[start : start + MANY]
            marks = ",".join("?" * len(some))
            rows = self._db.execute(f"SELECT id, record, document FROM nodes WHERE id IN ({marks})", some)
            found.update({r[0]: (r[1], r[2]) for r in rows})
        return found

    def _count_words_again(self) -> None:
        """Fill `words` from the records, where they were counted by another version."""
        with self._db:
            self._db.execute("DROP TABLE words")
            self._db.execute(WORDS_TABLE)
            for name, document in self.documents().items():
                rows = self._db.execute(
                    "SELECT row, record FROM nodes WHERE document = ?", (name,)
                ).fetchall()
                records = [NodeRecord.from_dict(json.loads(line)) for _, line in rows]
                texts = searched_texts(records)
                for (row, _), record in zip(rows, records, strict=True):
                    words = (row, indexed_terms(texts[record.id], document.file))
                    self._db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", words)
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('words', ?)", (WORDS,))

    def figures_of(self, ids: Sequence[str]) -> dict[str, str]:
        """For nodes that hold a further part of a figure's text: the figure's own node."""
        found = {}
        for i, (line, _) in self.records(ids).items():
            record = json.loads(line)
            if record["type"] == "figure" and record["metadata"].get("part"):
                found[i] = str(record["parent"])
        return found

    def _forget(self, ids: Sequence[str], words_only: bool = False) -> None:
        each = [(i,) for i in ids]
        self._db.executemany("DELETE FROM words WHERE rowid = (SELECT row FROM nodes WHERE id = ?)", each)
        if not words_only:
            self._db.executemany("DELETE FROM nodes WHERE id = ?", each)


def searched_texts(records: Sequence[NodeRecord]) -> dict[str, str]:
    """What search by words and by vectors counts of each node of a document: its text.

    Of a figure also how the paragraphs begin that stand before and after it on its page, and those that speak
    of it: a drawing's words are few, and questions name what it is about in the words of the text.
    """
    by_id = {r.id: r for r in records}
    parts = [r for r in records if r.metadata.get("part")]
    last = {r.parent: r for r in sorted(parts, key=lambda r: int(str(r.metadata["part"])))}
    texts = {r.id: r.text for r in records}
    for record in records:
        if record.type == "figure" and not record.metadata.get("part"):
            beside = [by_id.get(record.prev), by_id.get(last.get(record.id, record).next)]
            there = [r for r in beside if r and r.metadata.get("page") == record.metadata.get("page")]
            named = str(record.metadata.get("referenced_by", "")).split(",")
            there = [*(by_id[i] for i in named if i in by_id), *there]
            told = {r.id: r.text.split()[:AROUND] for r in there if r.type != "figure"}
            texts[record.id] = " ".join((record.text, *(w for words in told.values() for w in words)))
    return texts


def indexed_terms(text: str, file: str) -> str:
    """A node's text, and the name of its file, as the words that are counted: questions name documents."""
    return " ".join((*search_terms(text), *search_terms(PurePosixPath(file.replace("\\", "/")).stem)))
