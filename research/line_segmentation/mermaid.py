"""Random Mermaid sources: entities, classes, states and flowcharts, of which few are published.

In: a random generator and a maker of labels. Out: Mermaid text, drawn by render.mjs with its labels.
Only the drawing matters here; what the words say does not.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise

Label = Callable[[random.Random, int], str]

_TYPES = ("int", "string", "uuid", "bool", "date", "float", "text", "List~string~")
_CROWS = ("||--o{", "||--|{", "}o--o{", "||--||", "|o--o|", "}|..|{", "||..o{", "}|--||", "}o..||")
_RELATIONS = ("<|--", "*--", "o--", "-->", "--", "..>", "..|>", "..", "--|>", "--*", "--o", "<-->")
_BOXES = (("[", "]"),) * 5 + (("(", ")"), ("([", "])"), ("{", "}"), ("{", "}"), ("[[", "]]"), ("[(", ")]"),
          ("((", "))"), ("{{", "}}"), (">", "]"), ("[/", "/]"), ("[\\", "\\]"), ("(((", ")))"))  # fmt: skip
_LINKS = ("-->",) * 6 + ("---", "-.->", "==>", "--o", "--x", "<-->", "-.-", "===")


def _name(rng: random.Random, label: Label, most: int = 2) -> str:
    words = re.findall(r"[A-Za-z]+", label(rng, most))
    return "_".join(words) if rng.random() < 0.4 else "".join(w.capitalize() for w in words)


def _names(rng: random.Random, label: Label, count: int) -> list[str]:
    """Distinct names; numbers tell apart what would be equal."""
    made = [_name(rng, label) for _ in range(count)]
    return [n if made.index(n) == k else f"{n}{k}" for k, n in enumerate(made)]


def _tree(rng: random.Random, count: int, extra: float) -> list[tuple[int, int]]:
    """Links that hold `count` things together, with some more; near neighbours are likelier."""
    links = [(rng.randint(max(0, k - 4), k - 1), k) for k in range(1, count)]
    links += [(rng.randrange(count), rng.randrange(count)) for _ in range(round(extra * count))]
    rng.shuffle(links)
    return links


def entities(rng: random.Random, label: Label) -> str:
    """An entity-relationship diagram: tables with and without columns, every crow's foot."""
    names = _names(rng, label, rng.randint(2, 9))
    lines = ["erDiagram"] + ([f"  direction {rng.choice(['LR', 'TB'])}"] if rng.random() < 0.3 else [])
    for name in names:
        if rng.random() < 0.75:
            keys = ["PK"] + [rng.choice(["", "", "", "FK", "UK"]) for _ in range(rng.randint(0, 7))]
            notes = rng.random() < 0.2
            rows = "".join(
                f"    {rng.choice(_TYPES).split('~')[0].lower()} {_name(rng, label).lower()} {key}"
                + (f' "{label(rng, 3)}"' if notes else "") + "\n"
                for key in keys
            )  # fmt: skip
            lines.append(f"  {name} {{\n{rows}  }}")
    for a, b in _tree(rng, len(names), 0.3):
        lines.append(f'  {names[a]} {rng.choice(_CROWS)} {names[b]} : "{label(rng, 2)}"')
    return "\n".join(lines)


def classes(rng: random.Random, label: Label) -> str:
    """A class diagram: compartments full or empty, all relations, multiplicities, namespaces, notes."""
    names = _names(rng, label, rng.randint(2, 10))
    lines = ["classDiagram"]
    if rng.random() < 0.4:
        lines.append(f"  direction {rng.choice(['LR', 'RL', 'BT', 'TB'])}")
    for name in names:
        rows = [
            f"    {rng.choice('+-#~ ')}{_name(rng, label)}{rng.choice(['', '()', ' ' + rng.choice(_TYPES)])}"
            for _ in range(rng.choice([0, 0, 1, 2, 3, 5, 8]))
        ]
        if rng.random() < 0.2:
            rows.insert(0, f"    <<{rng.choice(['interface', 'abstract', 'enumeration', 'service'])}>>")
        lines.append(f"  class {name}" + (" {\n" + "\n".join(rows) + "\n  }" if rows else ""))
    for a, b in _tree(rng, len(names), 0.25):
        many = rng.random() < 0.25
        left, right = (f' "{rng.choice(["1", "0..1", "*", "1..*"])}" ' if many else " " for _ in range(2))
        said = f" : {label(rng, 2)}" if rng.random() < 0.5 else ""
        lines.append(f"  {names[a]}{left}{rng.choice(_RELATIONS)}{right}{names[b]}{said}")
    if rng.random() < 0.15:
        lines.append(f'  note for {rng.choice(names)} "{label(rng, 4)}"')
    return "\n".join(lines)


def states(rng: random.Random, label: Label) -> str:
    """A state machine: start and end, choices, forks, composite states, notes, loops."""
    names = _names(rng, label, rng.randint(3, 11))
    lines = ["stateDiagram-v2"] + ([f"  direction {rng.choice(['LR', 'TB'])}"] if rng.random() < 0.4 else [])
    lines += [f"  {n} : {label(rng, 3)}" for n in names if rng.random() < 0.3]
    cut = rng.randint(2, len(names)) if rng.random() < 0.35 else len(names)
    if cut < len(names):
        inner = names[cut:]
        steps = [f"    [*] --> {inner[0]}", *(f"    {a} --> {b}" for a, b in pairwise(inner))]
        lines.append(f"  state {label(rng, 1).split()[0]}Group {{\n" + "\n".join(steps) + "\n  }")
    for k, kind in enumerate(("choice", "fork", "join")):
        if rng.random() < 0.15:
            one, two, three = (rng.choice(names[:cut]) for _ in range(3))
            lines += [
                f"  state p{k} <<{kind}>>",
                f"  {one} --> p{k}",
                f"  p{k} --> {two}",
                f"  p{k} --> {three}",
            ]
    lines.append(f"  [*] --> {names[0]}")
    for a, b in _tree(rng, cut, 0.4):
        said = f" : {label(rng, 3)}" if rng.random() < 0.6 else ""
        lines.append(f"  {names[a]} --> {names[b]}{said}")
    if rng.random() < 0.6:
        lines.append(f"  {names[cut - 1]} --> [*]")
    if rng.random() < 0.15:
        side = rng.choice(["left", "right"])
        lines.append(f"  note {side} of {rng.choice(names[:cut])} : {label(rng, 4)}")
    return "\n".join(lines)


def flows(rng: random.Random, label: Label) -> str:
    """A flowchart: every shape and link, nested groups, links with and without words."""
    count = rng.randint(4, 18)
    lines = [f"flowchart {rng.choice(['TD', 'LR', 'TD', 'BT', 'RL'])}"]
    usual = rng.choice(_BOXES)
    for k in range(count):
        left, right = usual if rng.random() < 0.5 else rng.choice(_BOXES)
        lines.append(f'  n{k}{left}"{label(rng, 5)}"{right}')
    start = 0
    for group in range(rng.choice([0, 0, 1, 2, 3])):
        end = min(count, start + rng.randint(1, 6))
        inner = " ".join(f"n{k};" for k in range(start, end))
        nested = f'subgraph h{group} ["{label(rng, 2)}"]\n {inner}\n end' if rng.random() < 0.2 else inner
        lines.append(f'  subgraph g{group} ["{label(rng, 3)}"]\n {nested}\n  end')
        start = end
    for a, b in _tree(rng, count, 0.3):
        said = f'|"{label(rng, 3)}"|' if rng.random() < 0.35 else ""
        lines.append(f"  n{a} {rng.choice(_LINKS)}{said} n{b}")
    return "\n".join(lines)


def random_mermaid(rng: random.Random, label: Label) -> str:
    """One of them; those whose tables and marks are rarest come most often."""
    return rng.choice([entities, entities, states, states, classes, classes, flows])(rng, label)
