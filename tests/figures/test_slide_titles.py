"""Titles of slides are headings, bullets are none; pages that stand upright keep their headings."""

from __future__ import annotations

from dic_ingest.figures.text.slide_titles import with_slide_titles
from dic_ingest.model.document import Document, Heading, Page, Parser, Text
from dic_ingest.model.drawing import Drawing, Word

LYING, UPRIGHT = (960.0, 540.0), (540.0, 960.0)


def slides(size: tuple[float, float] = LYING, count: int = 3) -> tuple[Document, list[Drawing]]:
    """Slides that a layout model took for prose: the title is text, a bullet is a heading."""
    blocks: list[Text | Heading] = []
    drawings = []
    for number in range(1, count + 1):
        lines = [
            (f"Part {number}", 40.0, 32.0),
            ("• What it does", 150.0, 18.0),
            ("It keeps every message", 190.0, 18.0),
            ("until somebody reads it", 230.0, 18.0),
        ]
        words = []
        for k, (line, top, high) in enumerate(lines):
            box = (60.0, top, 500.0, top + high)
            kind = Heading if k == 1 else Text
            blocks.append(kind(f"{number}-{k}", number, box, len(blocks), line))
            words += [
                Word(w, (60.0 + 90 * i, top, 140.0 + 90 * i, top + high), high)
                for i, w in enumerate(line.split())
            ]
        drawings.append(Drawing(*size, tuple(words)))
    pages = tuple(Page(n, *size) for n in range(1, count + 1))
    return Document("talk.pdf", "0" * 64, Parser("made"), pages, tuple(blocks)), drawings


def headings(document: Document) -> list[tuple[int, str, int]]:
    return [(b.page, b.text, b.level) for b in document.blocks if isinstance(b, Heading)]


def test_the_large_line_at_the_top_of_each_slide_is_its_heading() -> None:
    document, drawings = slides()
    done = with_slide_titles(document, lambda n: drawings[n - 1])
    assert headings(done) == [(1, "Part 1", 1), (2, "Part 2", 2), (3, "Part 3", 2)]
    assert [b.content for b in done.blocks] == [b.content for b in document.blocks]
    assert len({b.id for b in done.blocks}) == len(done.blocks)
    assert with_slide_titles(done, lambda n: drawings[n - 1]) == done


def test_upright_pages_and_short_documents_stay_as_they_are() -> None:
    for document, drawings in (slides(UPRIGHT), slides(count=2)):
        assert with_slide_titles(document, lambda n, d=drawings: d[n - 1]) is document  # type: ignore[misc]


def test_text_of_one_size_has_no_title() -> None:
    document, drawings = slides()
    flat = [Drawing(d.width, d.height, tuple(Word(w.text, w.bbox, 18.0) for w in d.words)) for d in drawings]
    assert headings(with_slide_titles(document, lambda n: flat[n - 1])) == []
