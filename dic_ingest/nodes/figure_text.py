"""What a figure says, as text in parts of at most one chunk; every word of the figure stands in one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dic_ingest.drawing import Word
from dic_ingest.nodes.record import NodeSettings
from dic_ingest.nodes.splitting import split_text, tokens

EDGES = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class FigureText:
    """What is known of a figure, as plain values: the common ground of a parse and of a later captioning."""

    label: str = ""
    printed_caption: str = ""
    section: str = ""
    title: str = ""
    part_of: str = ""
    caption: str = ""  # what the engine said
    footnotes: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """Label and printed caption."""
        return ": ".join(filter(None, (self.label, self.printed_caption)))


def compose(known: FigureText, settings: NodeSettings) -> list[str]:
    """The figure's text in parts of at most one chunk; every word of the figure stands in one of them."""
    said = known.caption.strip()
    head = known.head
    if head and said.startswith(head):
        said = said[len(head) :].lstrip(". :\n")
    elif head and holds(said, head):
        head = ""
    place = ". ".join(
        filter(
            None,
            (
                known.part_of,
                known.section and "Section: " + known.section.replace("\n", " > "),
                _document(known),
            ),
        )
    )
    body = "\n".join(filter(None, (head, place, said, *known.footnotes)))
    told = tokens_of(body)
    fresh = [s for s in known.sentences[: settings.sentences] if s and not holds(body, s)]
    if fresh:
        body += "\nThe text says: " + " ".join(fresh)
        told |= tokens_of("\n".join(fresh))
    missing = [w for w in known.words if not _told(w, told)]
    if len(missing) > len(known.words) / 2:
        missing = list(known.words)  # little is told yet: whole labels are found better than remains
    if missing:
        body += "\nWords in the figure: " + " ".join(missing)
    return _parts(body.strip(), known.head or known.label or "Figure", settings.figure_tokens)


def _parts(body: str, head: str, limit: int) -> list[str]:
    if tokens(body) <= limit:
        return [body]
    again = f"{split_text(head, limit // 4)[0]} (continued)\n"
    first, *rest = split_text(body, limit - tokens(again))
    return [first, *(again + part for part in rest)]


def _document(known: FigureText) -> str:
    return f"Document: {known.title}" if known.title and known.title != known.section else ""


def holds(text: str, part: str) -> bool:
    """Whether `text` says `part`, whatever the case, blanks and full stop."""
    return _plain(part) in _plain(text)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(". ")


def tokens_of(text: str) -> set[str]:
    """The words of a text as they are compared: case and outer punctuation away."""
    return {EDGES.sub("", t) or t for t in text.casefold().split()}


def _told(word: str, told: set[str]) -> bool:
    return all((EDGES.sub("", t) or t) in told for t in word.casefold().split())


def word_texts(*sources: Iterable[Word]) -> tuple[str, ...]:
    """The words' texts in order; blanks away."""
    return tuple(w.text.strip() for words in sources for w in words if w.text.strip())


def word_lines(words: Sequence[Word]) -> str:
    """Words as lines: a new one where a word stands below or left of the one before."""
    lines: list[list[str]] = []
    before: Word | None = None
    for word in words:
        middle = (word.bbox[1] + word.bbox[3]) / 2
        if before is None or not before.bbox[1] <= middle <= before.bbox[3] or word.bbox[0] < before.bbox[0]:
            lines.append([])
        lines[-1].append(word.text)
        before = word
    return "\n".join(" ".join(line) for line in lines)
