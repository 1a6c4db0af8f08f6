"""PlantUML drawings as training pictures: random sources, and the role of every stroke in the SVG it writes.

`random_plantuml` gives a source, `draw` runs PlantUML (Debian: plantuml) over many at once, `with_roles` adds
`data-role` attributes that render.mjs paints as labels. Roles are told from the SVG's comments and geometry.
"""

from __future__ import annotations

import contextlib
import random
import re
import subprocess
import tempfile
import xml.etree.ElementTree as Xml
from collections.abc import Callable
from pathlib import Path

from research.line_segmentation.plantuml_roles import Part, roles_of

Label = Callable[[random.Random, int], str]
_SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = ("rect", "polygon", "ellipse", "path", "line", "polyline", "text")


def draw(sources: list[str], seconds: float = 900) -> list[str | None]:
    """The SVG of each source, None where PlantUML drew nothing. One Java process for all."""
    with tempfile.TemporaryDirectory() as folder:
        for k, source in enumerate(sources):
            body = re.sub(r"(?m)^\s*!(include|import|theme).*$", "", source)  # nothing is read or fetched
            (Path(folder) / f"{k:05d}.puml").write_text(body, "utf-8")
        command = ["plantuml", "-tsvg", "-charset", "UTF-8", "-nbthread", "1", f"{folder}/*.puml"]
        with contextlib.suppress(subprocess.TimeoutExpired):  # what was drawn in time is kept
            subprocess.run(command, capture_output=True, timeout=seconds, check=False)
        out: list[str | None] = []
        for k, source in enumerate(sources):
            path = Path(folder) / f"{k:05d}.svg"
            name = re.search(r"@startuml[ \t]+\"?([\w.-]+)", source)
            named = Path(folder) / f"{name.group(1)}.svg" if name else path
            made = path if path.is_file() else named
            out.append(made.read_text("utf-8") if made.is_file() else None)
    return out


def with_roles(svg: str) -> str | None:
    """The SVG with `data-role` on what is drawn; None where it is an error page or cannot be parsed."""
    if "Syntax Error" in svg or ("cannot" in svg[:3000] and "dot" in svg[:3000]):
        return None
    try:
        builder = Xml.TreeBuilder(insert_comments=True)
        root = Xml.fromstring(svg[svg.index("<svg") :], Xml.XMLParser(target=builder))
    except (Xml.ParseError, ValueError):
        return None
    items: list[Part] = []
    said = ""
    for element in root.iter():
        if callable(element.tag):  # a comment
            words = (element.text or "").split()
            said = next((w for w in words if w in ("cluster", "entity", "class", "link", "reverse")), said)
            continue
        tag = str(element.tag).removeprefix(_SVG)
        if tag in _SHAPES and (part := Part.of(element, tag, said)) is not None:
            items.append(part)
    for part, role in zip(items, roles_of(items), strict=True):
        if role:
            part.element.set("data-role", role)
    Xml.register_namespace("", "http://www.w3.org/2000/svg")
    return Xml.tostring(root, encoding="unicode")


def random_plantuml(rng: random.Random, label: Label) -> str:
    """A random sequence, component, class, state or activity diagram; `label(rng, n)` gives a text."""
    kind = rng.choice([_sequence, _sequence, _component, _component, _class, _state, _activity])
    return "\n".join(["@startuml", *_skin(rng), *kind(rng, label), "@enduml"])


def _skin(rng: random.Random) -> list[str]:
    lines = []
    if rng.random() < 0.5:
        lines.append("skinparam shadowing false")
    if rng.random() < 0.25:
        lines.append("skinparam monochrome true")
    elif rng.random() < 0.3:
        lines.append(f"skinparam backgroundColor {rng.choice(['#FEFEFE', '#F5F5DC', '#FFFFFF', '#EEEEFF'])}")
    if rng.random() < 0.3:
        lines.append(f"skinparam linetype {rng.choice(['ortho', 'polyline'])}")
    if rng.random() < 0.2:
        lines.append("skinparam roundcorner 12")
    if rng.random() < 0.4:
        lines.append(f"skinparam defaultFontSize {rng.choice([11, 12, 14, 16])}")
    if rng.random() < 0.3:
        lines.append("left to right direction" if rng.random() < 0.5 else "top to bottom direction")
    return lines


def _sequence(rng: random.Random, label: Label) -> list[str]:
    lines = [] if rng.random() < 0.6 else ["autonumber"]
    lines = [s for s in lines if s]
    names = [f"p{k}" for k in range(rng.randint(2, 6))]
    for n in names:
        sort = rng.choice(["participant"] * 6 + ["actor", "database", "entity", "control", "boundary"])
        shade = rng.choice([""] * 4 + [" #LightBlue", " #99FF99", " #FFDDAA"])
        lines.append(f'{sort} "{label(rng, 2)}" as {n}{shade}')
    depth = 0
    for _ in range(rng.randint(4, 16)):
        a, b = rng.choice(names), rng.choice(names)
        arrow = rng.choice(["->", "->", "->", "-->", "->>", "-->>", "<->", "-\\", "->x", "->o"])
        roll = rng.random()
        if roll < 0.08 and depth < 2:
            lines.append(f"{rng.choice(['alt', 'opt', 'loop', 'group', 'par'])} {label(rng, 2)}")
            depth += 1
        elif roll < 0.14 and depth:
            lines.append("end")
            depth -= 1
        elif roll < 0.2:
            lines.append(
                f"note {rng.choice(['left', 'right', 'over'])} of {a} : {label(rng, 4)}".replace(
                    "over of", "over"
                )
            )
        elif roll < 0.24:
            lines.append(f"== {label(rng, 3)} ==")
        elif roll < 0.3:
            lines += [f"activate {a}", f"{a} {arrow} {b} : {label(rng, 3)}", f"deactivate {a}"]
        else:
            lines.append(f"{a} {arrow} {b} : {label(rng, 4)}")
    return lines + ["end"] * depth


def _component(rng: random.Random, label: Label) -> list[str]:
    count = rng.randint(4, 12)
    sorts = (
        "component",
        "component",
        "node",
        "database",
        "rectangle",
        "rectangle",
        "cloud",
        "queue",
        "storage",
        "actor",
        "interface",
        "folder",
        "frame",
        "artifact",
        "agent",
        "card",
        "usecase",
    )
    lines, free = [], [f"n{k}" for k in range(count)]
    for k in range(rng.choice([0, 1, 1, 2, 3])):
        holder = rng.choice(["package", "node", "folder", "frame", "cloud", "rectangle"])
        lines.append(f'{holder} "{label(rng, 2)}" as g{k} {{')
        for n in [free.pop() for _ in range(min(len(free), rng.randint(1, 4)))]:
            lines.append(f'{rng.choice(sorts)} "{label(rng, 2)}" as {n}')
        lines.append("}")
    lines += [f'{rng.choice(sorts)} "{label(rng, 2)}" as {n}' for n in free]
    return lines + _links(
        rng,
        [f"n{k}" for k in range(count)],
        label,
        ("-->", "-->", "..>", "--", "..", "<-->", "->", "--o", "--*"),
    )


def _links(rng: random.Random, names: list[str], label: Label, arrows: tuple[str, ...]) -> list[str]:
    out = []
    for _ in range(int(len(names) * rng.uniform(0.8, 1.5))):
        a, b = rng.choice(names), rng.choice(names)
        text = f" : {label(rng, 3)}" if rng.random() < 0.5 else ""
        out.append(f"{a} {rng.choice(arrows)} {b}{text}")
    return out


def _class(rng: random.Random, label: Label) -> list[str]:
    names = [f"C{k}" for k in range(rng.randint(3, 8))]
    lines = []
    for n in names:
        members = [
            f"  {rng.choice('+-#')}{label(rng, 1)} : {rng.choice(['int', 'String', 'Map', 'bool'])}"
            for _ in range(rng.randint(0, 5))
        ]
        members += [f"  +{label(rng, 1).replace(' ', '')}()" for _ in range(rng.randint(0, 3))]
        title = label(rng, 2).title().replace(" ", "")
        lines += [f'{rng.choice(["class", "class", "interface", "enum"])} "{title}" as {n} {{', *members, "}"]
    if rng.random() < 0.3:
        lines.append("hide circle")
    arrows = ("<|--", "<|..", "*--", "o--", "-->", "..>", "--", '"1" --> "*"', '"0..1" o-- "many"', "--|>")
    return lines + _links(rng, names, label, arrows)


def _state(rng: random.Random, label: Label) -> list[str]:
    names = [f"S{k}" for k in range(rng.randint(3, 8))]
    lines = [f'state "{label(rng, 2)}" as {n}' for n in names[2:]]
    if rng.random() < 0.5:
        lines += [
            f'state "{label(rng, 2)}" as G {{',
            f"[*] --> {names[0]}",
            f"{names[0]} --> {names[1]} : {label(rng, 2)}",
            "}",
        ]
    lines.append(f"[*] --> {names[-1]}")
    return [*lines, *_links(rng, names, label, ("-->",)), f"{names[0]} --> [*]"]


def _activity(rng: random.Random, label: Label) -> list[str]:
    def steps(depth: int) -> list[str]:
        out: list[str] = []
        for _ in range(rng.randint(1, 3)):
            roll = rng.random()
            if roll < 0.25 and depth < 3:
                out += [
                    f"if ({label(rng, 3)}?) then ({rng.choice(['yes', 'no', label(rng, 1)])})",
                    *steps(depth + 1),
                ]
                out += ["else (no)", *steps(depth + 1), "endif"] if rng.random() < 0.7 else ["endif"]
            elif roll < 0.32 and depth < 2:
                out += [f"while ({label(rng, 2)}?) is (yes)", *steps(depth + 1), "endwhile (no)"]
            elif roll < 0.38 and depth < 2:
                out += ["fork", *steps(depth + 1), "fork again", *steps(depth + 1), "end fork"]
            else:
                out.append(f":{label(rng, 4)};")
        return out

    return ["start", *steps(0), *steps(0), rng.choice(["stop", "end"])]
