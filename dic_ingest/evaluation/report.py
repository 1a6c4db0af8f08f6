"""The results of an evaluation as one HTML page that loads nothing: tables, plots, the worst figures.

In: `Results`. Out: a file. Every text is escaped; a Content-Security-Policy admits no script, no network.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from PIL import Image

from dic_ingest.evaluation.plots import plot_groups, plot_measures, plot_nearest
from dic_ingest.evaluation.results import Results

STYLE = files("dic_ingest.evaluation") / "report.css"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
GROUPED = (
    "edge F1",
    "node F1",
    "BLEU-4",
    "ROUGE-L",
    "evidence recall",
    "evidence precision",
    "answers right",
)
MOST_PIXELS = 64_000_000
THUMB = 460  # pixels


def write_report(results: Results, path: Path, pictures: Path | None = None) -> None:
    """Write the page; `pictures` is the folder that images of the worst figures lie in."""
    leakage = results.get("leakage", {})
    groups = results.get("groups", {})
    parts = [
        f"<h1>{_e(results['title'])}</h1>",
        _verdicts(results),
        _facts(results["facts"]),
        _section("Scores", _scores(results) + plot_measures(results["systems"]))
        if "systems" in results
        else "",
        _section("By kind and difficulty", _grouped(groups) + plot_groups(groups, "edge F1"))
        if groups
        else "",
        _section("Leakage", _leakage(leakage) + plot_nearest(leakage)) if leakage else "",
        _section("How references were made", _made(results)) if "references" in results else "",
        _section("Splits", _table(results["splits"])) if results.get("splits") else "",
        _section("Questions", _table(results["question kinds"])) if results.get("question kinds") else "",
        _section("Questions that are not answered", _table(results["misses"]))
        if results.get("misses")
        else "",
        _section("How replies were read", _readings(results["readings"])) if "readings" in results else "",
        _section("Furthest from the truth", _worst(results["worst"], pictures))
        if results.get("worst")
        else "",
        _section("Notes", _list(results["notes"])) if results.get("notes") else "",
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{_e(results['title'])}</title><style>{STYLE.read_text('utf-8')}</style>"
    )
    page = f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'
    path.write_text(page, encoding="utf-8", errors="replace")


def shown(value: object) -> str:
    """A value for people: three decimals, "-" for none."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def ranged(measure: Mapping[str, object] | None) -> str:
    """Value and interval."""
    if measure is None or measure["value"] is None:
        return "-"
    return f"{shown(measure['value'])} [{shown(measure['low'])}, {shown(measure['high'])}]"


def _verdicts(results: Results) -> str:
    told = [("bad", text) for text in results.get("failures", ())]
    told += [("good", text) for text in results.get("passed", ())]
    return "".join(f'<p class="verdict {kind}">{_e(text)}</p>' for kind, text in told)


def _facts(facts: Mapping[str, object]) -> str:
    return "<dl>" + "".join(f"<dt>{_e(k)}</dt><dd>{_e(shown(v))}</dd>" for k, v in facts.items()) + "</dl>"


def _scores(results: Results) -> str:
    """A row per measure: systems, then the difference to the baseline."""
    systems, against = results["systems"], results.get("comparison", {})
    baseline = results["facts"].get("baseline", "")
    rows = []
    for name in dict.fromkeys(n for s in systems.values() for n in s):
        row = {"measure": name, **{s: ranged(m.get(name)) for s, m in systems.items()}}
        if against:
            found = against.get(name)
            row[f"difference to {baseline}"] = ranged(found)
            row["p"] = shown(found["p"]) if found else "-"
        rows.append(row)
    return _table(rows)


def _grouped(groups: Results) -> str:
    rows = []
    for way, parts in groups.items():
        for name, part in parts.items():
            cells = {m: ranged(part["measures"].get(m)) for m in GROUPED if m in part["measures"]}
            rows.append({"by": way, "group": name, "figures": part["figures"], **cells})
    return _table(rows)


def _leakage(leakage: Results) -> str:
    leaks = [{**x, "shares": ", ".join(x["shares"])} for x in leakage["leaks"][:100]]
    plotted = "<p>Test figures by their similarity to the nearest training figure:</p>"
    return (
        f"<p>{_e(leakage['told'])}</p>"
        + (_table(leaks) if leaks else "")
        + (plotted if leakage.get("nearest picture") else "")
    )


def _made(results: Results) -> str:
    card = results.get("data card", "")
    folded = f"<details><summary>Data card</summary><pre>{_e(card)}</pre></details>" if card else ""
    return _table(results["references"]) + folded


def _readings(readings: Results) -> str:
    rows = []
    for name, told in readings.items():
        ways = {f"graph from {k}": v for k, v in told["read from"].items()}
        rows.append({"system": name, "missing replies": told["missing"], **ways})
    return _table(rows)


def _worst(figures: Sequence[Results], pictures: Path | None) -> str:
    parts = []
    for f in figures:
        image = _thumbnail(pictures / f["image"]) if pictures else ""
        scores = f"edge F1 {shown(f['edge F1'])}, node F1 {shown(f['node F1'])}"
        told = f"{f['id']} ({f['kind']}, {f['difficulty']}): {scores}"
        parts.append(
            f"<figure>{image}<figcaption><b>{_e(told)}</b><p><i>Reference</i> {_e(f['reference'])}</p>"
            f"<p><i>Reply</i> {_e(f['reply'] or 'none')}</p></figcaption></figure>"
        )
    return "".join(parts)


def _thumbnail(path: Path) -> str:
    with Image.open(path) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            return ""
        small = picture.convert("RGB")
    small.thumbnail((THUMB, THUMB))
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return f'<img alt="" src="data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}">'


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    columns = list(dict.fromkeys(k for row in rows for k in row))
    head = "".join(f"<th>{_e(c)}</th>" for c in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{_e(shown(row.get(c, '')))}</td>" for c in columns) + "</tr>" for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _list(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_e(t)}</li>" for t in texts) + "</ul>"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{_e(title)}</h2>{body}</section>"


def _e(text: object) -> str:
    return html.escape(str(text))
