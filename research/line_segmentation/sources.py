"""Items for render.mjs: real diagram sources (training repositories only) and random drawings.

In: a file of sources, one JSON object a line {lang, kind, code, repo, ...}; a seed. Out: JSON lines.
A fifth of the repositories, chosen by the hash of their name, is held out and never rendered here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
from pathlib import Path
from typing import Any

from research.line_segmentation.mermaid import random_mermaid
from research.line_segmentation.plantuml import draw, random_plantuml, with_roles

KINDS = {"flowchart", "sequence", "class", "state", "er", "block"}
WORDS = [
    "order",
    "user",
    "queue",
    "service",
    "gateway",
    "node",
    "store",
    "event",
    "cache",
    "token",
    "policy",
    "worker",
    "request",
    "index",
    "load",
    "check",
    "validate",
    "build",
    "deploy",
    "agent",
    "broker",
    "config",
    "session",
    "record",
    "stream",
    "batch",
    "schema",
    "sync",
    "retry",
    "backup",
    "audit",
]
SHAPES = ("box", "box", "box", "ellipse", "diamond", "hexagon", "cylinder", "note", "component", "folder",
          "parallelogram", "octagon", "circle", "doublecircle", "house", "tab", "plaintext")  # fmt: skip
FONTS = ("Liberation Sans", "DejaVu Sans", "Liberation Serif", "DejaVu Serif")
HEADS = ("normal",) * 6 + (
    "vee",
    "empty",
    "diamond",
    "odiamond",
    "dot",
    "odot",
    "tee",
    "crow",
    "onormal",
    "none",
)


def held_out(repo: str) -> bool:
    """Whether a repository belongs to the fifth that training never sees."""
    return int(hashlib.sha256(repo.encode()).hexdigest(), 16) % 5 == 0


def colour(rng: random.Random, light: bool) -> str:
    """A random colour, light or dark, as #rrggbb."""
    low, high = (190, 255) if light else (0, 140)
    return "#" + "".join(f"{rng.randint(low, high):02x}" for _ in range(3))


def label(rng: random.Random, most: int = 4) -> str:
    """One to four common words; at times in capitals or with a number."""
    words = [rng.choice(WORDS) for _ in range(rng.randint(1, most))]
    text = " ".join(words)
    style = rng.random()
    if style < 0.5:
        text = text.capitalize()
    elif style < 0.6:
        text = text.upper()
    return text + (f" {rng.randint(1, 99)}" if rng.random() < 0.15 else "")


def random_dot(rng: random.Random) -> str:
    """A random graph in the Graphviz language, styled at random."""
    count = rng.randint(4, 16)
    dark = rng.random() < 0.12
    ink = colour(rng, dark) if rng.random() < 0.4 else ("white" if dark else "black")
    lines = [
        f"digraph g {{ rankdir={rng.choice(['TB', 'LR', 'BT', 'RL'])}; bgcolor=transparent; compound=true;",
        f"splines={rng.choice(['true', 'true', 'ortho', 'polyline', 'curved', 'line'])};",
        f"nodesep={rng.uniform(0.2, 0.9):.2f}; ranksep={rng.uniform(0.3, 1.1):.2f};",
        f'node [fontname="{rng.choice(FONTS)}",'
        f'fontsize={rng.randint(9, 18)}, color="{ink}", fontcolor="{"white" if dark else "black"}"];',
        f'edge [color="{ink}", fontcolor="{"white" if dark else "black"}", fontsize={rng.randint(8, 14)}];',
    ]
    one = rng.choice(SHAPES) if rng.random() < 0.6 else ""
    for i in range(count):
        style = ["rounded"] if rng.random() < 0.3 else []
        fill = ""
        if rng.random() < 0.55:
            style.append("filled")
            fill = f', fillcolor="{colour(rng, not dark)}"'
        if rng.random() < 0.1:
            style.append("dashed")
        text = label(rng).replace(" ", "\\n", 1) if rng.random() < 0.3 else label(rng)
        lines.append(
            f'n{i} [label="{text}", shape={one or rng.choice(SHAPES)}, style="{",".join(style)}"'
            f"{fill}, penwidth={rng.choice([0.7, 1, 1, 1.5, 2.5])}];"
        )
    for k in range(rng.choice([0, 0, 1, 2, 3])):
        members = " ".join(f"n{i};" for i in rng.sample(range(count), rng.randint(1, max(1, count // 3))))
        fill = f'style="filled,rounded"; fillcolor="{colour(rng, not dark)}";' if rng.random() < 0.4 else ""
        lines.append(f'subgraph cluster_{k} {{ label="{label(rng)}"; color="{ink}"; {fill} {members} }}')
    for _ in range(int(count * rng.uniform(0.8, 1.6))):
        a, b = rng.randrange(count), rng.randrange(count)
        text = f'xlabel="{label(rng, 2)}", ' if rng.random() < 0.35 else ""
        both = ", dir=both" if rng.random() < 0.1 else ""
        lines.append(
            f"n{a} -> n{b} [{text}arrowhead={rng.choice(HEADS)}, arrowtail={rng.choice(HEADS)}{both},"
            f" style={rng.choice(['solid', 'solid', 'solid', 'dashed', 'dotted', 'bold'])},"
            f" penwidth={rng.choice([0.7, 1, 1, 1.5, 2.5])}];"
        )
    return "\n".join([*lines, "}"])


def graphviz(code: str) -> str | None:
    """The SVG of a Graphviz source; None where it does not render."""
    try:
        done = subprocess.run(
            ["dot", "-Tsvg"], input=code.encode(), capture_output=True, timeout=10, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return done.stdout.decode("utf-8", "replace")


def mermaid_item(source: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """One Mermaid source with a random theme and look."""
    dark = rng.random() < 0.15
    item: dict[str, Any] = {"lang": "mermaid", "code": source["code"], "htmlLabels": rng.random() < 0.7}
    item["look"] = "handDrawn" if rng.random() < 0.15 else "classic"
    item["curve"] = rng.choice(["basis", "basis", "linear", "step", "cardinal", "natural"])
    item["theme"] = (
        "dark" if dark else rng.choice(["default", "default", "neutral", "forest", "base", "base"])
    )
    item["paper"] = rng.choice(["#1a1a1a", "#0d1117", "#333"]) if dark else "#fff"
    if item["theme"] == "base":
        item["themeVariables"] = {
            "primaryColor": colour(rng, True), "primaryBorderColor": colour(rng, False),
            "lineColor": colour(rng, False), "secondaryColor": colour(rng, True),
            "tertiaryColor": colour(rng, True),
        }  # fmt: skip
    return item


def plantuml_items(real: list[str], count: int, rng: random.Random) -> list[dict[str, Any]]:
    """Real and random PlantUML sources as SVG with roles."""
    made = [random_plantuml(rng, label) for _ in range(count)]
    svgs = [with_roles(s) for s in draw([*real, *made]) if s]
    return [{"lang": "svg", "code": s} for s in svgs if s]


def told(path: Path) -> set[str]:
    """Codes of the drawings that others measure with: never trained on."""
    texts = (
        [p.read_text("utf-8") for p in sorted(path.glob("*.json"))]
        if path.is_dir()
        else path.read_text("utf-8").splitlines()
    )
    return {
        str(d.get("source") or d.get("code") or "").strip()
        for t in texts
        if t.strip()
        for d in [json.loads(t)]
    }


def main() -> None:
    """Write the items."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument(
        "--sources", type=Path, help="diagram sources, JSON lines; without it only random drawings"
    )
    args.add_argument("--out", type=Path, required=True)
    args.add_argument(
        "--random", type=int, default=250, help="random drawings, of Graphviz, PlantUML and Mermaid each"
    )
    args.add_argument("--real", type=int, default=2000, help="real Mermaid sources at most")
    args.add_argument("--without", type=Path, help="JSON lines or folder of JSON whose sources are left out")
    args.add_argument("--seed", type=int, default=0)
    opt = args.parse_args()
    rng = random.Random(opt.seed)
    items: list[dict[str, Any]] = []
    rows = [json.loads(line) for line in opt.sources.read_text().splitlines()] if opt.sources else []
    measured = told(opt.without) if opt.without else set()
    rows = [r for r in rows if not held_out(r["repo"]) and r["code"].strip() not in measured]
    rng.shuffle(rows)
    for r in rows:
        if r["lang"] == "mermaid" and r["kind"] in KINDS and len(items) < opt.real:
            items.append(mermaid_item(r, rng))
        elif r["lang"] == "dot" and (svg := graphviz(r["code"])) is not None:
            items.append({"lang": "svg", "code": svg})
    for _ in range(opt.random):
        if (svg := graphviz(random_dot(rng))) is not None:
            items.append(
                {"lang": "svg", "code": svg, "paper": "#222" if 'fontcolor="white"' in svg else "#fff"}
            )
    items += [mermaid_item({"code": random_mermaid(rng, label)}, rng) for _ in range(opt.random)]
    items += plantuml_items([r["code"] for r in rows if r["lang"] == "plantuml"], opt.random, rng)
    rng.shuffle(items)
    with opt.out.open("w") as file:
        for i, item in enumerate(items):
            item["name"], item["scale"] = f"{i:05d}", rng.choice([1.0, 1.0, 1.5])
            file.write(json.dumps(item) + "\n")


if __name__ == "__main__":
    main()
