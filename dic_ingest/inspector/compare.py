"""Several results of the same files in one HTML page: a row per figure, a column per engine.

In: results folders by name. Out: a page that holds its pictures and runs no script: the crop, the graph that
was read exactly, and for each engine its caption before and after the critic, changes, conflicts, scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from dic_ingest.errors import InputError, UnsupportedFileError
from dic_ingest.image_files import open_crop
from dic_ingest.inspector.drawing import diagram_svg
from dic_ingest.inspector.payload import pieces, scores_of
from dic_ingest.inspector.results import Inline, find_results, read_result
from dic_ingest.inspector.site import asset
from dic_ingest.model.description import Change, Description
from dic_ingest.model.document import Figure
from dic_ingest.owned_files import PAGE_MARK

SIDE = 900  # pixels of a crop's longer side in the page
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"
SUPPORT = {
    "graph": "held up by the graph that was read",
    "words": "held up by the figure's words",
    "printed": "held up by the printed caption or the text",
    "critic": "seen by the critic model",
    "": "held up by nothing",
}
STYLE = """
body { padding: 1.2rem 1.4rem 4rem; height: auto; }
h1 { font-size: 1.25rem; } h2 { font-size: 1.05rem; margin: 2.2rem 0 .5rem; }
.legend span, .caption span { border-bottom: 2px solid var(--rule); }
.legend { color: var(--soft); font-size: 13px; margin-top: .4rem; } .legend span { margin-right: 1rem; }
.row { display: grid; gap: 1rem; grid-template-columns: minmax(16rem, 1.1fr) 3fr; align-items: start; }
.engines { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); }
.cell { background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; padding: .7rem .9rem; }
.cell img { max-width: 100%; height: auto; background: #fff; }
.cell h3 { font-size: .95rem; } .cell h4 { font-size: 12px; color: var(--soft); margin: .8rem 0 .2rem; }
.cell p, .cell li { font-size: 13.5px; overflow-wrap: anywhere; white-space: pre-line; }
ul { margin: 0; padding-left: 1.1rem; }
.facts { color: var(--faint); font-size: 12px; } .review { color: var(--warn); }
.caption span.graph { border-color: var(--graph); } .caption span.words { border-color: var(--words); }
.caption span.printed, .caption span.critic { border-color: var(--printed); }
.caption span.none { border-color: var(--warn); background: var(--warn-wash); }
del { color: var(--warn); } ins { color: var(--graph); text-decoration: none; }
pre { font: 12px/1.45 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0 0; }
@media (max-width: 60rem) { .row { grid-template-columns: 1fr; } }
"""


@dataclass
class Row:
    """One figure; `said` by the name of the results."""

    document: str
    figure: Figure
    folder: Path
    said: dict[str, Figure] = field(default_factory=dict)


def compare_page(sides: Mapping[str, Path]) -> str:
    """The page. `sides`: results folders by the name that their column bears.

    Raises:
        UnsupportedFileError: a folder without results, or no figure in any of them.
    """
    rows: dict[tuple[str, str], Row] = {}
    for name, out in sides.items():
        for folder in find_results(out):
            result = read_result(folder)
            for figure in result.document.figures:
                if figure.duplicate_of or not (figure.route is None or figure.route.kept):
                    continue
                key = (result.document.sha256, figure.id)
                row = rows.setdefault(key, Row(result.name, figure, folder))
                row.said[name] = figure
    if not rows:
        raise UnsupportedFileError("there is no figure in these results. Name others.")
    legend = " ".join(f'<span class="{k or "none"}">{escape(v)}</span>' for k, v in SUPPORT.items())
    body = "".join(_row(row, list(sides)) for row in rows.values())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{PAGE_MARK}'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Engines side by side</title>"
        f"<style>{asset('base.css')}{STYLE}</style></head><body><h1>Engines side by side</h1>"
        f'<p class="legend caption">{legend}</p>{body}</body></html>'
    )


def _row(row: Row, names: list[str]) -> str:
    figure = row.figure
    title = f"{row.document}, page {figure.page}: {figure.label or 'figure'} {figure.printed_caption}"
    cells = "".join(_cell(name, row.said.get(name)) for name in names)
    return (
        f'<section><h2>{_safe(title)}</h2><div class="row"><div class="cell">{_picture(row)}'
        f'{_exact(row)}</div><div class="engines">{cells}</div></div></section>'
    )


def _picture(row: Row) -> str:
    try:
        with open_crop(row.folder, row.figure.image) as opened:
            picture = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, InputError):
        return '<p class="facts">its crop is not there</p>'
    picture.thumbnail((SIDE, SIDE))
    return f'<img alt="the figure" src="{Inline().put(picture, "crop", 80)}">'


def _exact(row: Row) -> str:
    """The graph that was read in the drawing, in place and as Mermaid."""
    told = [f.description for f in row.said.values() if f.description]
    read = [d.diagram for d in told if d.diagram is not None and d.graph_from in ("drawing", "")]
    if not read:
        return '<h4>Exact reading</h4><p class="facts">no graph was read in the drawing</p>'
    return f"<h4>Exact reading</h4>{diagram_svg(read[0])}<pre>{_safe(read[0].to_mermaid())}</pre>"


def _cell(name: str, figure: Figure | None) -> str:
    said = figure.description if figure else None
    if said is None:
        reason = "not described" if figure else "not in these results"
        return f'<div class="cell"><h3>{_safe(name)}</h3><p class="facts">{reason}</p></div>'
    evidence = said.evidence
    before = f"<h4>Before the critic</h4><p>{_safe(said.draft)}</p>" if said.draft else ""
    changes = "".join(_change(c) for c in (evidence.changes if evidence else ()))
    conflicts = "".join(f"<li>{_safe(c)}</li>" for c in (evidence.conflicts if evidence else ()))
    return (
        f'<div class="cell"><h3>{_safe(name)}</h3><p class="facts">{_facts(said)}</p>{before}'
        f'<h4>{"After the critic" if said.draft else "Caption"}</h4><p class="caption">{_caption(said)}</p>'
        + (f"<h4>Changes</h4><ul>{changes}</ul>" if changes else "")
        + (f"<h4>Conflicts</h4><ul>{conflicts}</ul>" if conflicts else "")
        + "</div>"
    )


def _facts(said: Description) -> str:
    facts = [" ".join(dict.fromkeys(filter(None, (said.engine, said.model)))) or "no engine"]
    if said.evidence is not None:
        facts.append(scores_of(said.evidence))
    if any(said.tokens):
        facts.append(f"{said.tokens[0]} tokens read, {said.tokens[1]} written")
    if said.cost:
        facts.append(f"cost {said.cost:.4f}")
    review = said.evidence is not None and said.evidence.needs_review
    return _safe(" · ".join(facts)) + (' · <span class="review">to be reviewed</span>' if review else "")


def _caption(said: Description) -> str:
    told = said.evidence.statements if said.evidence else ()
    parts = []
    for piece in pieces(said.caption, told):
        at = piece["statement"]
        text = _safe(piece["text"])
        if at is None:
            parts.append(text)
            continue
        support = told[at].support
        title = _safe(SUPPORT.get(support, support))
        parts.append(f'<span class="{_safe(support) or "none"}" title="{title}">{text}</span>')
    return "".join(parts)


def _change(change: Change) -> str:
    before = f"<del>{_safe(change.before)}</del> " if change.before else ""
    after = f"<ins>{_safe(change.after)}</ins> " if change.after else ""
    return f'<li>{before}{after}<span class="facts">{_safe(change.reason)}</span></li>'


def _safe(text: str) -> str:
    return escape(text.encode("utf-8", "replace").decode("utf-8"))
