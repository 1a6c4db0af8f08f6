"""Pictures that only stand behind a page's text, as on title slides, are no figures.

In: a described document. Out: the document with such figures routed as decoration: their words stand once, as
text. A figure with a label, a caption, a graph, a chart or a table is never taken for one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from dic_ingest.model.box import inside
from dic_ingest.model.diagram import Kind
from dic_ingest.model.document import Block, Document, Figure, Route
from dic_ingest.text.tokens import tokens

SHARE = 0.8  # of a picture's words that stand in the text over it


def without_backgrounds(document: Document) -> Document:
    """The document with pictures behind text routed as decoration."""
    texts: dict[int, list[Block]] = {}
    for block in document.blocks:
        if not isinstance(block, Figure) and block.bbox is not None:
            texts.setdefault(block.page, []).append(block)

    def route(figure: Figure) -> Figure:
        if figure.route is None or not figure.route.kept or not _is_bare(figure):
            return figure
        over = [
            b for b in texts.get(figure.page, ()) if b.bbox and figure.bbox and inside(b.bbox, figure.bbox)
        ]
        if not _stand_in(figure, over):
            return figure
        reason = "a picture behind the text of its page"
        return replace(figure, route=Route("decoration", Kind.DECORATION, figure.route.score, reason))

    return document.replace_figures(route)


def _is_bare(figure: Figure) -> bool:
    said = figure.description
    read = figure.reading or figure.chart or (said and (said.diagram or said.chart))
    return not (figure.label or figure.printed_caption or figure.table or figure.references or read)


def _stand_in(figure: Figure, over: list[Block]) -> bool:
    said = figure.description
    own = [*figure.embedded_words, *(said.words if said else ())]
    wanted = Counter(tokens(" ".join(w.text for w in own)))
    there = Counter(tokens(" ".join(b.content for b in over)))
    return bool(wanted) and sum((wanted & there).values()) >= SHARE * wanted.total()
