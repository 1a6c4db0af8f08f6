"""TOML and plain dictionaries into frozen settings dataclasses, one table per stage, names one to one."""

from __future__ import annotations

import tomllib
import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from dic_ingest.errors import SettingsError

T = TypeVar("T")


def from_toml(cls: type[T], path: Path) -> T:
    """Settings of class `cls` from a TOML file.

    Raises:
        SettingsError: unreadable file, unknown key, value of the wrong type or out of range.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path} does not exist. Check the path given to --settings.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is not readable TOML: {error}.") from error
    return from_dict(cls, data)


def from_dict(cls: type[T], data: dict[str, Any], where: str = "") -> T:
    """Settings of class `cls` from nested dictionaries; keys that are absent keep their defaults."""
    hints = get_type_hints(cls)
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    values = {}
    for key, value in data.items():
        name = f"{where}.{key}" if where else key
        if key not in known:
            raise SettingsError(f"no setting {name!r}. Known here: {', '.join(sorted(known))}.")
        values[key] = _value(hints[key], value, name)
    return cls(**values)


def _value(hint: Any, value: Any, name: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        options = [a for a in get_args(hint) if a is not type(None)]
        return None if value is None else _value(options[0], value, name)
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise SettingsError(f"{name} is a table of settings, not {value!r}.")
        return from_dict(hint, value, name)
    if origin in (tuple, frozenset):
        if not isinstance(value, list):
            raise SettingsError(f"{name} is a list, not {value!r}.")
        return origin(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and (not isinstance(value, hint) or (hint is int and isinstance(value, bool))):
        raise SettingsError(f"{name} must be of type {hint.__name__}, got {value!r}.")
    return value
