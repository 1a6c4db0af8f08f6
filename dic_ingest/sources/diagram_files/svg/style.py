"""How an SVG element is painted: attributes, `style`, and the style sheets in the file (simple selectors)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL import ImageColor

from dic_ingest.model.drawing import Color

INHERITED = frozenset(
    {"fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight", "text-anchor", "color"}
    | {"visibility", "fill-opacity", "stroke-opacity", "marker-start", "marker-mid", "marker-end"}
    | {"dominant-baseline"}
)
_OWN = frozenset({"display", "opacity"})
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}@]{1,2000})\{([^{}]*)\}")
_SIMPLE = re.compile(r"([\w-]+|\*)?((?:[.#][\w-]+)*)")
MAX_RULES = 3_000


@dataclass
class Sheet:
    """Rules by the last part of their selector: tag, classes and ids that an element must have."""

    rules: list[tuple[str, frozenset[str], dict[str, str]]] = field(default_factory=list)

    def add(self, text: str) -> None:
        """The rules of a `<style>` element; at-rules and rules without paint are left out."""
        for selectors, body in _RULE.findall(_COMMENT.sub("", text[:500_000])):
            values = declarations(body)
            if not values or len(self.rules) >= MAX_RULES:
                continue
            for selector in selectors.split(","):
                parts = selector.replace(">", " ").split()
                found = _SIMPLE.fullmatch(parts[-1]) if parts else None
                if found is None or ":" in selector:
                    continue
                marks = frozenset(re.findall(r"[.#][\w-]+", found[2]))
                holders = frozenset(m for p in parts[:-1] for m in re.findall(r"\.[\w-]+", p))
                self.rules.append((found[1] or "*", marks | {f" {h}" for h in holders}, values))

    def matching(self, tag: str, marks: set[str], around: frozenset[str]) -> dict[str, str]:
        """The values of all rules for an element; later rules win."""
        found: dict[str, str] = {}
        for name, needed, values in self.rules:
            if name not in ("*", tag) or (name == "*" and not needed):
                continue
            if all((m[1:] in around) if m.startswith(" ") else (m in marks) for m in needed):
                found.update(values)
        return found


def declarations(text: str) -> dict[str, str]:
    """The values of a `style` attribute that say how something is painted."""
    values = {}
    for part in text[:5_000].split(";"):
        key, _, value = part.partition(":")
        key = key.strip().lower()
        if key in INHERITED or key in _OWN:
            values[key] = value.replace("!important", "").strip()
    return values


def styled(
    tag: str, get: Mapping[str, str], around: Mapping[str, str], sheet: Sheet, holders: frozenset[str]
) -> dict[str, str]:
    """What holds for an element: inherited, its attributes, the sheets, its own `style`."""
    values = {k: v for k, v in around.items() if k in INHERITED}
    values.update({k: get[k] for k in (*INHERITED, *_OWN) if k in get})
    marks = {f".{c}" for c in get.get("class", "").split()}
    if "id" in get:
        marks.add(f"#{get['id']}")
    values.update(sheet.matching(tag, marks, holders))
    values.update(declarations(get.get("style", "")))
    return values


def color(value: str | None, current: str = "") -> Color | None:
    """A paint as RGB; None for none, for what cannot be seen, and for references without a colour of their
    own."""
    text = (value or "").strip().lower()
    if text in ("currentcolor", "inherit", "context-stroke", "context-fill"):
        text = current.strip().lower() or "black"
    if text.startswith(("url(", "var(", "light-dark(")):
        inner = re.findall(r"#[0-9a-f]{3,8}|rgba?\([^)]*\)", text)
        text = inner[0] if inner else ("gray" if text.startswith("url(") else "black")
    if text in ("", "none", "transparent"):
        return None
    try:
        found = ImageColor.getrgb(text)
    except ValueError:
        return (0, 0, 0)
    if len(found) == 4 and found[3] < 13:
        return None
    return found[0], found[1], found[2]


def share(value: str | None) -> float:
    """An opacity, 0..1; 1 where it is not a number."""
    try:
        text = (value or "1").strip()
        return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return 1.0
