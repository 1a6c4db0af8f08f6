"""TOML and plain dictionaries into frozen settings dataclasses, and all settings with their meanings.

One table per stage, names one to one. The meaning of a setting is the comment beside its field.
"""

from __future__ import annotations

import ast
import difflib
import functools
import inspect
import textwrap
import tomllib
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from dic_ingest.errors import SettingsError

T = TypeVar("T")


def from_toml(cls: type[T], path: Path) -> T:
    """Settings of class `cls` from a TOML file.

    Raises:
        SettingsError: unreadable file, unknown key, value of the wrong type or out of range.
    """
    return from_dict(cls, read_toml(path))


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as dictionaries; raises SettingsError where it cannot be read."""
    try:
        if path.exists() and not path.is_file():
            raise SettingsError(f"{path} is no regular file. Name a TOML file.")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path} does not exist. Check the path given to --settings.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path} is not readable TOML: {error}. Start from what `dic-ingest settings` prints."
        ) from error


def from_dict(cls: type[T], data: dict[str, Any], where: str = "") -> T:
    """Settings of class `cls` from nested dictionaries; keys that are absent keep their defaults."""
    if not isinstance(data, dict):
        raise SettingsError(f"{where or 'settings'} must be a table of settings, not {data!r}.")
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    values = {}
    for key, value in data.items():
        name = f"{where}.{key}" if where else key
        if key not in known:
            raise SettingsError(f"no setting {name!r}. {nearest(key, known)}")
        values[key] = checked_value(cls, key, value, name)
    try:
        return cls(**values)
    except SettingsError as error:
        raise error if not where or where in str(error) else SettingsError(f"[{where}] {error}") from error


def nearest(name: str, known: Iterable[str]) -> str:
    """What was perhaps meant, or all that there is."""
    found = difflib.get_close_matches(name, list(known), n=1)
    every = ", ".join(sorted(known))
    return f"Is it {found[0]!r}? Known here: {every}." if found else f"Known here: {every}."


def check_names(given: Iterable[str], known: Iterable[str], field: str) -> None:
    """Raise SettingsError, with the nearest name, where the list `field` has a name that is not known."""
    for name in given:
        if name not in known:
            raise SettingsError(f"{field} knows no {name!r}. {nearest(str(name), known)}")


def named_fields(cls: type[T]) -> type[T]:
    """A dataclass whose constructor answers a keyword that is no field with SettingsError and the nearest."""
    made: Callable[..., None] = cls.__init__
    known = frozenset(f.name for f in fields(cls))  # type: ignore[arg-type]

    @functools.wraps(made)
    def checked(self: T, *given: Any, **named: Any) -> None:
        for name in named:
            if name not in known:
                raise SettingsError(f"no setting {name!r}. {nearest(name, known)}")
        made(self, *given, **named)

    cls.__init__ = checked  # type: ignore[assignment,method-assign]
    return cls


def checked_value(cls: type, key: str, value: Any, name: str = "") -> Any:
    """The value of a field in the field's type, a dictionary as the settings that it means.

    Raises:
        SettingsError: it cannot be that; the message calls the field `name`.
    """
    hint = _hints(cls)[key]
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, hint):
        return value
    return _value(hint, value, name or key)


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _value(hint: Any, value: Any, name: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        options = [a for a in get_args(hint) if a is not type(None)]
        if callable(value) and any(get_origin(o) is Callable for o in options):
            return value  # a function, which Python alone can give
        return (
            None if value is None and len(options) < len(get_args(hint)) else _value(options[0], value, name)
        )
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise SettingsError(f"{name} must be a table of settings, not {value!r}.")
        return from_dict(hint, value, name)
    if origin in (tuple, frozenset):
        if not isinstance(value, list | tuple | set | frozenset):
            raise SettingsError(f"{name} must be a list, not {value!r}.")
        return origin(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and (not isinstance(value, hint) or (hint is int and isinstance(value, bool))):
        raise SettingsError(f"{name} must be of type {hint.__name__}, got {value!r}.")
    return value


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: name with its tables, type, default as TOML writes it, and meaning."""

    name: str
    type: str
    default: str
    meaning: str


def all_settings(cls: type, where: str = "") -> Iterator[Setting]:
    """Every setting of a settings dataclass and of those in it, in the order of their fields."""
    hints, meanings, made = get_type_hints(cls), _comments(cls), cls()
    for field in fields(cls):
        name = f"{where}.{field.name}" if where else field.name
        value, hint = getattr(made, field.name), hints[field.name]
        if is_dataclass(value):
            yield from all_settings(type(value), name)
        else:
            yield Setting(name, _type_name(hint), _as_toml(value), meanings.get(field.name, ""))


def _comments(cls: type) -> dict[str, str]:
    """The comment at the end of each field's line, or on the lines above it."""
    source = textwrap.dedent(inspect.getsource(cls))
    lines = source.splitlines()
    found: dict[str, str] = {}
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.ClassDef)
    for item in definition.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        beside = [line.partition("  # ")[2] for line in lines[item.lineno - 1 : item.end_lineno]]
        above: list[str] = []
        at = item.lineno - 2
        while at >= 0 and lines[at].strip().startswith("# "):
            above.insert(0, lines[at].strip()[2:])
            at -= 1
        found[item.target.id] = " ".join(filter(None, beside)) or " ".join(above)
    return found


def _type_name(hint: Any) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        written = " or ".join(
            _type_name(a) for a in get_args(hint) if a is not type(None) and get_origin(a) is not Callable
        )
        return f"{written}, or absent" if type(None) in get_args(hint) else written
    if get_origin(hint) in (tuple, frozenset, list):
        return "list"
    if get_origin(hint) is dict or hint is dict:
        return "table"
    return {"str": "text", "bool": "true or false", "int": "whole number", "float": "number"}.get(
        getattr(hint, "__name__", ""), "text"
    )


def _as_toml(value: Any) -> str:
    """A default as TOML; "" for one that TOML cannot write, such as none at all."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_as_toml, value)) + "]"
    if isinstance(value, frozenset):
        return "[" + ", ".join(map(_as_toml, sorted(value))) + "]"
    return "{}" if isinstance(value, dict) and not value else ""


def settings_toml(cls: type) -> str:
    """All settings as TOML with their defaults and meanings; what has no default is a comment."""
    lines: list[str] = []
    table = ""
    for setting in all_settings(cls):
        place, _, name = setting.name.rpartition(".")
        if place != table:
            lines += ["", f"[{place}]"]
            table = place
        written = f"{name} = {setting.default}" if setting.default else f"# {name} =  ({setting.type})"
        lines.append(f"{written}  # {setting.meaning}" if setting.meaning else written)
    return "\n".join(lines).lstrip() + "\n"
