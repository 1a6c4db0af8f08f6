"""Reading values out of untrusted JSON: what is there with the right type, or one clear BundleError.

A missing or null member is the empty value. Nothing here recurses, so depth costs nothing.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from dic_ingest.errors import BundleError
from dic_ingest.model.box import Box

Item: TypeAlias = dict[str, Any]

STEPS = 200_000  # nodes visited when nested text is flattened


def wrong(where: str, value: object, wanted: str) -> BundleError:
    """The error for a value of the wrong type."""
    return BundleError(
        f"{where} is {_kind(value)}, not {wanted}. The file is no MinerU output or was changed; parse again."
    )


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true/false", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)


def item_of(value: object, where: str) -> Item:
    """`value` as an object."""
    if isinstance(value, dict):
        return value
    raise wrong(where, value, "an object")


def items_of(value: object, where: str) -> list[Item]:
    """`value` as a list of objects; None is an empty list."""
    return [item_of(v, f"{where}[{i}]") for i, v in enumerate(list_of(value, where))]


def list_of(value: object, where: str) -> list[Any]:
    """`value` as a list; None is an empty list."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise wrong(where, value, "a list")


def text(item: Item, key: str) -> str:
    """The text member `key`; "" where it is missing."""
    value = item.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")  # lone surrogates cannot be written out
    raise wrong(f"`{key}`", value, "text")


def texts(item: Item, *keys: str) -> tuple[str, ...]:
    """The texts under the first of `keys` that has any; a single text counts as a list of one."""
    for key in keys:
        value = item.get(key)
        listed = [value] if isinstance(value, str) else list_of(value, f"`{key}`")
        found = tuple(t for t in (text({key: v}, key).strip() for v in listed) if t)
        if found:
            return found
    return ()


def whole(item: Item, key: str, default: int, low: int, high: int) -> int:
    """The whole number member `key`, held within `low`..`high`."""
    value = item.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise wrong(f"`{key}`", value, "a number")
    return max(low, min(high, int(value)))


def numbers(value: object, count: int, where: str) -> tuple[float, ...] | None:
    """`count` finite numbers; None where the member is missing or empty."""
    if value is None or value == []:
        return None
    listed = list_of(value, where)
    if len(listed) != count:
        raise wrong(where, value, f"a list of {count} numbers")
    for v in listed:
        if isinstance(v, bool) or not isinstance(v, int | float) or not _finite(v):
            raise wrong(where, v, "a number")
    return tuple(float(v) for v in listed)


def _finite(value: int | float) -> bool:
    try:
        return math.isfinite(value) and abs(value) < 1e9
    except OverflowError:  # an integer beyond the floats
        return False


def box(value: object, scale: tuple[float, float], size: tuple[float, float], where: str) -> Box | None:
    """A box of the parser's own units times `scale`, put in order and clipped to the page of `size`."""
    found = numbers(value, 4, where)
    if found is None:
        return None
    xs = sorted(min(max(v * scale[0], 0.0), size[0]) for v in (found[0], found[2]))
    ys = sorted(min(max(v * scale[1], 0.0), size[1]) for v in (found[1], found[3]))
    return round(xs[0], 3), round(ys[0], 3), round(xs[1], 3), round(ys[1], 3)


def span_text(value: object, where: str) -> str:
    """Inline spans as one text: formulas between dollar signs, links by their words.

    Takes text, a list of spans, or spans in spans ({type, content}); anything else is an error.
    """
    parts: list[str] = []
    stack: list[Any] = [value]
    for _ in range(STEPS):
        if not stack:
            break
        top = stack.pop()
        if top is None:
            continue
        if isinstance(top, str):
            parts.append(text({"content": top}, "content"))
        elif isinstance(top, list):
            stack.extend(reversed(top))
        else:
            _span(item_of(top, where), parts, stack)
    return "".join(parts)


def _span(span: Item, parts: list[str], stack: list[Any]) -> None:
    content = span.get("content")
    if content is None:
        content = span.get("children") or span.get("text")
    if span.get("type") in ("equation_inline", "inline_equation") and isinstance(content, str):
        formula = text({"content": content}, "content").strip()
        parts.append(formula if formula.startswith("$") else f"${formula}$")
    else:
        stack.append(content)
