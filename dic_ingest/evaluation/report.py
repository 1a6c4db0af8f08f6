"""The results of an evaluation as one HTML page that loads nothing, with its plots as inline SVG."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from dic_ingest.evaluation.results import Results
from dic_ingest.image_files import open_picture

# Plots of an evaluation as inline SVG: measures with intervals, one by group, nearest training figures.


COLOURS = ("#1b4f72", "#d35400", "#27ae60", "#8e44ad", "#7f8c8d", "#2c3e50")
SCALES = {"BLEU": 100.0, "CIDEr": 10.0, "QIR": 1.9375}  # what a measure is divided by to lie in 0..1
LEFT, WIDTH, ROW, STEP = 190, 620, 22, 11  # pixels: names, the axis, a row's least height, between systems
BINS = 50


def plot_measures(systems: Mapping[str, Results]) -> str:
    """Every measure of every system as a dot with its interval, one block of rows a measure."""
    names = list(dict.fromkeys(n for s in systems.values() for n in s))
    height = max(ROW, STEP * len(systems) + 8)
    parts = [_legend(list(systems))]
    for at, name in enumerate(names):
        top = 30 + at * height
        scale = next((v for k, v in SCALES.items() if name.startswith(k)), 1.0)
        label = name if scale == 1 else f"{name} / {scale:g}"
        parts.append(_row(label, top, height, at % 2 == 1))
        for i, measures in enumerate(systems.values()):
            y = top + height / 2 + (i - (len(systems) - 1) / 2) * STEP
            parts.append(_dot(measures.get(name), scale, y, _colour(i)))
    return _svg(30 + len(names) * height, parts)


def plot_groups(groups: Mapping[str, Results], measure: str) -> str:
    """One measure by kind and by difficulty, with intervals; "" where it has no numbers."""
    rows = [
        (f"{name} ({part['figures']})", part["measures"][measure])
        for each in groups.values()
        for name, part in each.items()
        if _there(part["measures"].get(measure))
    ]
    parts = [_text(LEFT, 16, measure, "start")]
    for at, (label, found) in enumerate(rows):
        top = 30 + at * ROW
        length = _x(found["value"]) - LEFT
        parts.append(_row(label, top, ROW, at % 2 == 1))
        parts.append(f'<rect x="{LEFT}" y="{top + 5}" width="{length:.1f}" height="12" fill="#9db8cc"/>')
        parts.append(_dot(found, 1.0, top + ROW / 2, COLOURS[0]))
    return _svg(30 + len(rows) * ROW, parts) if rows else ""


def plot_nearest(leakage: Results) -> str:
    """How similar every test figure's nearest training figure is; "" where nothing was compared."""
    both = {part: leakage.get(f"nearest {part}", ()) for part in ("picture", "text")}
    if not both["picture"]:
        return ""
    counts = {part: _binned(values) for part, values in both.items()}
    most = max(max(c) for c in counts.values())
    names = [f"{part} (line: fails from here, if both do)" for part in both]
    parts = [_legend(names), _text(LEFT - 8, 44, f"{most} figures", "end"), _text(LEFT - 8, 190, "0", "end")]
    wide = WIDTH / BINS / 2
    for i, (part, bars) in enumerate(counts.items()):
        for at, count in enumerate(bars):
            tall = 150 * count / most
            x = LEFT + (2 * at + i) * wide
            parts.append(
                f'<rect x="{x:.1f}" y="{190 - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
                f'fill="{_colour(i)}"/>'
            )
        limit = _x(leakage["thresholds"][part])
        parts.append(f'<path d="M{limit:.1f} 30V190" stroke="{_colour(i)}" stroke-dasharray="4 3"/>')
    return _svg(190, parts)


def _binned(values: Sequence[float]) -> list[int]:
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, int(max(0.0, value) * BINS))] += 1
    return counts


def _dot(measure: Results | None, scale: float, y: float, colour: str) -> str:
    """A value and its interval; nothing where there is no number."""
    if measure is None or not _there(measure):
        return ""
    x = _x(measure["value"] / scale)
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{colour}"/>'
    if measure["low"] is None:
        return dot
    low, high = _x(measure["low"] / scale), _x(measure["high"] / scale)
    ends = f"M{low:.1f} {y - 3:.1f}v6M{low:.1f} {y:.1f}H{high:.1f}M{high:.1f} {y - 3:.1f}v6"
    return f'<path d="{ends}" stroke="{colour}" stroke-width="1.4" fill="none"/>{dot}'


def _row(label: str, top: float, height: float, shaded: bool) -> str:
    ground = (
        f'<rect x="0" y="{top}" width="{LEFT + WIDTH}" height="{height}" fill="#f5f7fa"/>' if shaded else ""
    )
    return ground + _text(LEFT - 10, top + height / 2 + 4, label, "end")


def _legend(names: Sequence[str]) -> str:
    parts, x = [], 0.0
    for i, name in enumerate(names):
        parts.append(f'<circle cx="{x + 6:.1f}" cy="12" r="4" fill="{_colour(i)}"/>')
        parts.append(_text(x + 14, 16, name, "start"))
        x += 34 + 6.6 * len(name)
    return "".join(parts)


def _svg(bottom: float, parts: Sequence[str]) -> str:
    """The parts over an axis from 0 to 1."""
    ticks = [i / 5 for i in range(6)]
    lines = "".join(
        f'<path d="M{_x(t):.1f} 30V{bottom}" stroke="#d5dbe3" stroke-width="0.7"/>' for t in ticks
    )
    told = "".join(_text(_x(t), bottom + 16, f"{t:g}", "middle") for t in ticks)
    size = f'viewBox="0 0 {LEFT + WIDTH + 20} {bottom + 26:.0f}" width="{LEFT + WIDTH + 20}"'
    return f'<svg role="img" xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}{lines}{told}</svg>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="12">{html.escape(text)}</text>'


def _x(share: float) -> float:
    return LEFT + WIDTH * min(max(share, 0.0), 1.0)


def _there(measure: Results | None) -> bool:
    return measure is not None and measure["value"] is not None


def _colour(at: int) -> str:
    return COLOURS[at % len(COLOURS)]


# The results of an evaluation as one HTML page that loads nothing: tables, plots, the worst figures.


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
    with open_picture(path) as picture:
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
