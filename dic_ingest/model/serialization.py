"""JSON values back into dataclasses of the model: the inverse of `asdict`, typed field by field."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from dic_ingest.model.chart import Chart
from dic_ingest.model.description import Description
from dic_ingest.model.diagram import Diagram


def description_from_dict(data: dict[str, Any]) -> Description:
    """A `Description` from its fields as JSON values; raises ValueError for other input."""
    try:
        found: Description = build(Description, data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a description: {error!r}") from error
    return found


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def build(cls: Any, data: dict[str, Any]) -> Any:
    """A dataclass from what `asdict` made of it, or the JSON of that; keys it does not know are left out."""
    hints = _hints(cls)
    known = {f.name for f in fields(cls)}
    return cls(**{k: _value(hints[k], v) for k, v in data.items() if k in known})


def _value(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return (
            None if value is None else _value(next(a for a in get_args(hint) if a is not type(None)), value)
        )
    if origin is tuple:
        args = get_args(hint)
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_value(args[0], v) for v in value)
        return tuple(_value(a, v) for a, v in zip(args, value, strict=True))
    if hint in (Diagram, Chart):
        return hint.from_dict(value)
    if is_dataclass(hint):
        return build(hint, value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value)
    if hint is float:
        return float(value)
    if hint in (str, int, bool) and not isinstance(value, hint):
        raise TypeError(f"expected {hint.__name__}, got {value!r}")
    return value
