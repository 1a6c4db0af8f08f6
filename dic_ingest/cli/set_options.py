"""`KEY=VALUE` as it is given on the command line: settings of engines and of training, by name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

from dic_ingest.errors import SettingsError


def read_options(given: Iterable[str], option: str = "--set") -> dict[str, Any]:
    """`key=value` texts as a dictionary; numbers, true and false as such."""
    found = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise SettingsError(f"{option} takes KEY=VALUE, got {text!r}.")
        try:
            found[key.strip()] = tomllib.loads(f"v = {value}")["v"]
        except tomllib.TOMLDecodeError:
            found[key.strip()] = value.strip()
    return found
