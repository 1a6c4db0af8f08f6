"""Words for drawn pages: code, grammars, prose, labels.

In: a random source. Out: lines of text. Code and prose are the standard library's own; grammars, settings and
C are made up by rule.
"""

from __future__ import annotations

import inspect
import json
import random
import re
import sysconfig
from functools import lru_cache
from pathlib import Path

_NOUNS = """gateway session record request queue worker broker ledger token cache node router store client
server device channel policy report sensor batch index column parser planner engine monitor bridge adapter"""
_VERBS = """read write send check parse store open close merge split push pull load save route verify"""
NOUNS, VERBS = tuple(_NOUNS.split()), tuple(_VERBS.split())
TYPES = ["int", "char", "bool", "float", "size_t", "uint32_t", "string", "void", "List", "Map", "Option"]


@lru_cache(maxsize=1)
def _sources() -> tuple[list[str], list[str]]:
    """Python files of the standard library as lists of lines, and paragraphs of their comments."""
    code, prose = [], []
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="ignore")
        if not text.isascii():
            continue
        code.append(text)
        for found in re.findall(r'"""(.*?)"""', text, re.DOTALL):
            for part in re.split(r"\n\s*\n", inspect.cleandoc(found)):
                flat = " ".join(part.split())
                if len(flat) > 90 and ">>>" not in flat:
                    prose.append(flat)
    return code, prose


def python(rng: random.Random, count: int) -> list[str]:
    """Consecutive lines of a Python module."""
    lines = [line.rstrip() for line in rng.choice(_sources()[0]).splitlines()]
    start = rng.randrange(max(1, len(lines) - count))
    return [line[:72] for line in lines[start : start + count]]


def prose(rng: random.Random, letters: int) -> str:
    """Sentences of about so many letters."""
    text = ""
    while len(text) < letters:
        text = f"{text} {rng.choice(_sources()[1])}".strip()
    return text[:letters].rsplit(" ", 1)[0]


def name(rng: random.Random) -> str:
    """An identifier."""
    parts = [rng.choice(VERBS), rng.choice(NOUNS)]
    return rng.choice(("_".join(parts), parts[0] + parts[1].title(), parts[1]))


def c_like(rng: random.Random, count: int) -> list[str]:
    """Functions with blocks in braces, indented by their depth."""
    lines: list[str] = []
    depth = 0
    while len(lines) < count:
        pad = "    " * depth
        made = rng.randrange(6)
        if made == 0 and depth < 3:
            lines.append(f"{pad}{rng.choice(TYPES)} {name(rng)}({rng.choice(TYPES)} {rng.choice(NOUNS)}) {{")
            depth += 1
        elif made == 1 and depth < 4:
            lines.append(f"{pad}if ({name(rng)} == {rng.randrange(99)}) {{")
            depth += 1
        elif made == 2 and depth:
            depth -= 1
            lines.append("    " * depth + "}")
        elif made == 3:
            lines.append(f"{pad}// {prose(rng, 30)}")
        else:
            lines.append(
                f"{pad}{rng.choice(NOUNS)} = {name(rng)}({rng.choice(NOUNS)}, 0x{rng.randrange(4096):x});"
            )
    return lines


def grammar(rng: random.Random, count: int) -> list[str]:
    """Productions of a syntax."""
    lines: list[str] = []
    while len(lines) < count:
        lines.append(f"{name(rng)} {rng.choice(('::=', '=', ':'))}")
        for _ in range(rng.randint(1, 3)):
            lines.append(f"    {name(rng)} [ {name(rng)} ] {rng.choice(('|', ';', '+', '*', ''))}")
        lines.append("")
    return lines[:count]


def settings(rng: random.Random, count: int) -> list[str]:
    """JSON or YAML."""
    value = {name(rng): {name(rng): rng.randrange(999), name(rng): name(rng)} for _ in range(count // 3 + 1)}
    text = json.dumps(value, indent=2)
    if rng.random() < 0.5:
        text = re.sub(r'[{}",]', "", text)
    return [line for line in text.splitlines() if line.strip()][:count]


def shell(rng: random.Random, count: int) -> list[str]:
    """Commands and what they print."""
    lines = []
    for _ in range(count):
        if rng.random() < 0.4:
            lines.append(f"$ {rng.choice(VERBS)} --{rng.choice(NOUNS)} {name(rng)}.{rng.choice(NOUNS)[:3]}")
        else:
            lines.append(f"{rng.randrange(99):02d}:{rng.randrange(60):02d} {name(rng)} {prose(rng, 34)}")
    return lines


def listing(rng: random.Random) -> list[str]:
    """Code of one of these sorts."""
    make = rng.choice((python, python, c_like, c_like, grammar, settings, shell))
    return make(rng, rng.choice((2, 3, 4, 6, 9, 14, 22, 34)))


def label(rng: random.Random) -> str:
    """A short name as boxes carry it; some read like code."""
    return rng.choice(
        (
            rng.choice(NOUNS).title(),
            f"{rng.choice(NOUNS).title()} {rng.choice(NOUNS)}",
            f"{name(rng)}()",
            f"{rng.choice(VERBS)} {{{rng.choice(NOUNS)}}}",
            name(rng),
            f"{rng.choice(VERBS).title()} the {rng.choice(NOUNS)}",
            f"{rng.choice(NOUNS).upper()}_{rng.randrange(9)}",
        )
    )
