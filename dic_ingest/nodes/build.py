"""A `Document` in, `NodeRecord`s in reading order out, tied by ids that follow from the content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from dic_ingest.errors import SettingsError
from dic_ingest.model.box import union
from dic_ingest.model.document import Code, Document, Figure, Heading, Page, Table, Text, block_id
from dic_ingest.nodes.figure import FigureText, figure_drafts, figure_words, said_of, word_lines, word_texts
from dic_ingest.nodes.image_data import with_image_data
from dic_ingest.nodes.record import Metadata, NodeDraft, NodeRecord, NodeSettings
from dic_ingest.nodes.splitting import tokens
from dic_ingest.nodes.text import FURNITURE, TITLE_TOKENS, TextRun, block_drafts, is_title

LISTED = 64  # ids in one comma-separated value
KEPT_AS = {"table": "table", "formula": "equation"}  # figures routed away whose words still count


def to_nodes(
    document: Document, settings: NodeSettings | None = None, folder: Path | None = None, *, scope: str = ""
) -> list[NodeRecord]:
    """The document's nodes in reading order, cut as `settings` say, of the types that `settings` name.

    Ids do not depend on which types are made; `prev`, `next`, `parent`, `refers_to` and `referenced_by` name
    nodes that are.
    `folder` makes image paths absolute; without it they stay relative to document.json. Ids begin with the
    file's hash; `scope` puts something else there, so that two copies of a file can live in one store.
    """
    if not isinstance(document, Document):
        raise SettingsError(f"to_nodes needs the Document that ingest gives, not {type(document).__name__}.")
    settings = settings or NodeSettings()
    drafts = _unique([_named(d, document) for d in _drafts(document, settings, folder)])
    drafts = [d for d in drafts if settings.takes(d.type)]
    made = {d.id for d in drafts}
    rename = _renamer(document, scope)
    refers, referred = _references(document, drafts)
    pages = {p.number: p for p in document.pages}
    ids = ["", *(d.id for d in drafts), ""]
    nodes = []
    for order, draft in enumerate(drafts):
        prev, following = rename(ids[order]), rename(ids[order + 2])
        node_id, parent = rename(draft.id), rename(draft.parent if draft.parent in made else "")
        metadata: Metadata = {
            **_place(document.source, pages.get(draft.page), draft),
            "tier": document.parser.tier,
            "dic_order": order,
            "dic_doc_id": scope or document.sha256,
            "dic_node_id": node_id,
            "dic_prev_id": prev,
            "dic_next_id": following,
            "dic_parent_id": parent,
            **{k: rename(v) if k in ("duplicate_of", "continues") else v for k, v in draft.extra.items()},
        }
        metadata |= _pictures(draft, pages.get(draft.page), folder) | _mentions(
            draft, refers, referred, rename
        )
        nodes.append(
            NodeRecord(node_id, draft.text, metadata, draft.type, draft.image, prev, following, parent)
        )
    return with_image_data(nodes, folder, settings.image_bytes) if folder else nodes


def _mentions(
    draft: NodeDraft,
    refers: Mapping[str, Sequence[str]],
    referred: Mapping[str, Sequence[str]],
    rename: Callable[[str], str],
) -> Metadata:
    """Ids of the texts that speak of a figure, or of the figures that a text speaks of."""
    if draft.type == "figure":
        return {"referenced_by": ",".join(map(rename, referred.get(draft.id, ())))}
    return {"refers_to": ",".join(map(rename, refers[draft.id]))} if draft.id in refers else {}


def _pictures(draft: NodeDraft, page: Page | None, folder: Path | None) -> Metadata:
    """Paths of the node's own picture and of its page's."""
    found: Metadata = {}
    if draft.image or draft.type == "figure":
        found["image_path"] = draft.image
    if page and page.image:
        found["page_image"] = str(folder / page.image) if folder else page.image
    return found


def _place(source: str, page: Page | None, draft: NodeDraft) -> Metadata:
    return {
        "file_path": source,
        "file_name": file_name(source),
        "page": draft.page,
        "page_label": str(draft.page),
        "dic_type": draft.type,
        "section": draft.section,
        "bbox": ",".join(f"{v:.1f}" for v in union(draft.boxes)) if draft.boxes else "",
        "page_width": round(page.width, 2) if page else 0.0,
        "page_height": round(page.height, 2) if page else 0.0,
    }


def file_name(source: str) -> str:
    """The last part of a path or URL."""
    return PurePath(source.replace("\\", "/").rstrip("/")).name or source


def _drafts(document: Document, settings: NodeSettings, folder: Path | None) -> Iterator[NodeDraft]:
    run = TextRun(settings)
    figures = {f.id: f for f in document.figures}
    title = document_title(document)
    for block in document.blocks:
        if isinstance(block, Text) and block.role in FURNITURE and not settings.furniture:
            continue
        if not isinstance(block, Figure | Table | Code):
            yield from run.add(block)
            continue
        yield from run.flush()
        shown = False
        for draft in (
            _figure(block, figures, run.headings(), title, settings, folder)
            if isinstance(block, Figure)
            else block_drafts(block, run.headings(), settings)
        ):
            shown = shown or settings.takes(draft.type)
            yield replace(draft, section=draft.section.rpartition("\n")[2])
        if shown:
            run.take_headings(block.page)
    yield from run.flush(last=True)


def _figure(
    figure: Figure,
    figures: dict[str, Figure],
    section: str,
    title: str,
    settings: NodeSettings,
    folder: Path | None,
) -> Iterator[NodeDraft]:
    route = figure.route.route if figure.route else ""
    whole = figures.get(figure.parent)
    if whole is not None and route == "skipped":
        if whole.route is not None and not whole.route.kept:
            return  # the whole figure's words are told where it was routed away
    elif figure.route is not None and not figure.route.kept and route != "duplicate":
        yield from _routed_away(figure, KEPT_AS.get(route, "text"), section, settings)
        return
    original = figures.get(figure.duplicate_of)
    said = said_of(figure, original)
    parent = figures.get(figure.parent)
    known = FigureText(
        label=figure.label,
        printed_caption=figure.printed_caption,
        section=_section(figure, section),
        title=title,
        part_of=f"Part of {parent.label or 'a figure'}: {parent.printed_caption}".rstrip(": ")
        if parent
        else "",
        caption=said.caption,
        footnotes=figure.footnotes,
        sentences=tuple(dict.fromkeys(r.sentence.strip() for r in figure.references)),
        words=word_texts(figure_words(figure) or said.words),
    )
    extra: Metadata = {}
    if figure.duplicate_of:
        extra["duplicate_of"] = figure.duplicate_of
    if figure.continues:
        extra["continues"] = figure.continues
    first, *rest = figure_drafts(figure, known, said, settings, folder)
    for draft in (first, *rest):
        yield replace(draft, extra={**draft.extra, **extra})


def _section(figure: Figure, headings: str) -> str:
    """The headings above, or the one that the figure was tied to if that is another."""
    own = " ".join(figure.section.split())
    return headings if not 0 < tokens(own) <= TITLE_TOKENS or headings.rpartition("\n")[2] == own else own


def _routed_away(figure: Figure, kind: str, section: str, settings: NodeSettings) -> Iterator[NodeDraft]:
    """No figure node, but what is printed there: a table's cells, a caption, a formula.

    Of a kind that the settings deny, its label and caption alone.
    """
    printed = ": ".join(filter(None, (figure.label, figure.printed_caption)))
    if figure.route is not None and figure.route.route == "decoration" and not printed:
        return
    denied = figure.route is not None and figure.route.is_denied
    words = "" if denied else word_lines(figure_words(figure))
    cells = None if denied else figure.as_table
    if not (printed or words or cells):
        return
    table = cells or Table(
        figure.id,
        figure.page,
        figure.bbox,
        figure.order,
        text=words,
        caption=printed,
        footnotes=figure.footnotes,
    )
    for draft in block_drafts(table, _section(figure, section), settings):
        extra: Metadata = {"figure_label": figure.label} if figure.label else {}
        yield replace(draft, type=kind, extra=extra)


def document_title(document: Document) -> str:
    """The first heading of the highest level on the first page; "" where that has none."""
    first = document.pages[0].number if document.pages else 1
    headings = [b for b in document.blocks if isinstance(b, Heading) and b.page == first and is_title(b)]
    return " ".join(min(headings, key=lambda h: h.level).text.split()) if headings else ""


def _named(draft: NodeDraft, document: Document) -> NodeDraft:
    if draft.id:
        return draft
    box = union(draft.boxes) if draft.boxes else None
    return replace(draft, id=block_id(document.sha256, f"node/{draft.type}", draft.page, box, draft.text))


def _unique(drafts: list[NodeDraft]) -> list[NodeDraft]:
    """Where a file says the same twice in one place (or has no boxes), the later ones are numbered."""
    seen: dict[str, int] = {}
    result = []
    for draft in drafts:
        seen[draft.id] = times = seen.get(draft.id, 0) + 1
        result.append(draft if times == 1 else replace(draft, id=f"{draft.id}~{times}"))
    return result


def _renamer(document: Document, scope: str) -> Callable[[object], str]:
    prefix = document.sha256[:12] + "-"

    def rename(value: object) -> str:
        name = str(value)
        if not name or not scope:
            return name
        return f"{scope}-{name.removeprefix(prefix)}"

    return rename


def _references(
    document: Document, drafts: list[NodeDraft]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Which node speaks of which figure, and back: node id to figure ids, figure id to node ids."""
    holders: dict[str, list[NodeDraft]] = {}
    for draft in drafts:
        for block in draft.blocks:
            holders.setdefault(block, []).append(draft)
    refers: dict[str, dict[str, None]] = {}
    referred: dict[str, dict[str, None]] = {}
    made = {draft.id for draft in drafts}
    for figure in (f for f in document.figures if f.id in made):
        for reference in figure.references:
            held = holders.get(reference.block_id, [])
            saying = [d for d in held if reference.sentence.strip() in d.text] or held[:1]
            for draft in saying[:1]:
                refers.setdefault(draft.id, {})[figure.id] = None
                referred.setdefault(figure.id, {})[draft.id] = None
    return _listed(refers), _listed(referred)


def _listed(table: dict[str, dict[str, None]]) -> dict[str, tuple[str, ...]]:
    return {k: tuple(v)[:LISTED] for k, v in table.items()}
