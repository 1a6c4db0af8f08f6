"""Colours of DrawingML: theme, shades, and whether a shape has a fill or a border at all.

In: an element and its style. Out: RGB, None for none. Of a gradient the first colour; effects are
left out.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, field
from typing import Any

from dic_ingest.model.drawing import Color

_NAMED: dict[str, Color] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "orange": (255, 165, 0),
}
# the colours of Office's own theme, for files without one
_THEME: dict[str, Color] = {
    "dk1": (0, 0, 0),
    "lt1": (255, 255, 255),
    "dk2": (68, 84, 106),
    "lt2": (231, 230, 230),
    "accent1": (68, 114, 196),
    "accent2": (237, 125, 49),
    "accent3": (165, 165, 165),
    "accent4": (255, 192, 0),
    "accent5": (91, 155, 213),
    "accent6": (112, 173, 71),
}
_MAPPED = {"tx1": "dk1", "bg1": "lt1", "tx2": "dk2", "bg2": "lt2"}
_FILLS = ("noFill", "solidFill", "gradFill", "pattFill", "blipFill", "grpFill")


@dataclass(frozen=True, slots=True)
class ShapeStyle:
    """How a shape is painted."""

    fill: Color | None
    stroke: Color | None
    width: float
    dashed: bool


@dataclass(frozen=True, slots=True)
class Palette:
    """The theme's colours by name."""

    theme: dict[str, Color] = field(default_factory=lambda: dict(_THEME))

    @classmethod
    def of_theme(cls, theme: Any) -> Palette:
        """The colours of an `a:theme` element; Office's own where it has none."""
        found = dict(_THEME)
        scheme = None if theme is None else theme.find(".//{*}clrScheme")
        for entry in scheme if scheme is not None else ():
            color = cls(found).color(entry)
            if color is not None and isinstance(entry.tag, str):
                found[entry.tag.rsplit("}", 1)[-1]] = color
        return cls(found)

    def color(self, holder: Any) -> Color | None:
        """The colour inside `holder` (`a:solidFill`, `a:fillRef` ...); None where it names none."""
        for element in holder if holder is not None else ():
            name = element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""
            base = self._base(name, element)
            if base is not None:
                return _changed(base, element)
        return None

    def _base(self, name: str, element: Any) -> Color | None:
        value = element.get("val", "")
        if name == "srgbClr":
            return _hex(value)
        if name == "sysClr":
            return _hex(element.get("lastClr", "")) or _NAMED["black" if "Text" in value else "white"]
        if name == "schemeClr":
            return self.theme.get(_MAPPED.get(value, value))
        return _NAMED.get(value) if name == "prstClr" else None

    def look(self, element: Any, properties: Any, is_line: bool) -> ShapeStyle:
        """Fill and border of a shape, from its own properties, else from its style."""
        style = next((c for c in element if _local(c) == "style"), None)
        fill = None if is_line else self._paint(properties, style, "fillRef")
        line = None if properties is None else next((c for c in properties if _local(c) == "ln"), None)
        stroke = self._paint(line, style, "lnRef")
        width = 1.0
        dash = None
        if line is not None:
            if (line.get("w") or "").isdigit():
                width = min(int(line.get("w")[:9]) / 12700.0, 200.0)
            dash = next((c.get("val") for c in line if _local(c) == "prstDash"), None)
        return ShapeStyle(fill, stroke, width, dash not in (None, "solid"))

    def _paint(self, own: Any, style: Any, reference: str) -> Color | None:
        for part in own if own is not None else ():
            name = _local(part)
            if name not in _FILLS:
                continue
            if name == "noFill":
                return None
            if name == "solidFill":
                return self.color(part) or _NAMED["gray"]
            stop = next((s for s in part.iter() if _local(s) in ("gs", "fgClr")), None)
            return self.color(stop) or _NAMED["gray"]
        used = next((c for c in style if _local(c) == reference), None) if style is not None else None
        if used is None or used.get("idx", "0") == "0":
            return None
        return self.color(used) or _NAMED["gray"]


def _local(element: Any) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _hex(value: str) -> Color | None:
    try:
        return int(value[0:2], 16), int(value[2:4], 16), int(value[4:6], 16)
    except ValueError:
        return None


def _changed(color: Color, element: Any) -> Color:
    """A colour made lighter or darker, as its children ask."""
    hue, light, saturation = colorsys.rgb_to_hls(*(c / 255 for c in color))
    for change in element:
        name = _local(change)
        try:
            share = float(change.get("val", "")) / 100000.0
        except ValueError:
            continue
        if name == "lumMod":
            light *= share
        elif name == "lumOff":
            light += share
        elif name == "shade":
            light *= share
        elif name == "tint":
            light = 1 - (1 - light) * share
    red, green, blue = colorsys.hls_to_rgb(hue, max(0.0, min(1.0, light)), saturation)
    return round(red * 255), round(green * 255), round(blue * 255)
