"""Fields of the LlamaIndex components: a wrong one is a SettingsError that names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from llama_index.core.bridge.pydantic import BaseModel, ValidationError

from dic_ingest.errors import SettingsError
from dic_ingest.settings_file import nearest


@contextmanager
def checked_fields(cls: type[BaseModel], given: Mapping[str, Any]) -> Iterator[None]:
    """Within, an object of class `cls` is made from the fields `given`.

    Raises:
        SettingsError: a field that does not exist, with the nearest one, or a value of the wrong type.
    """
    for name in given:
        if name not in cls.model_fields and name != "class_name":
            raise SettingsError(f"{cls.__name__} has no field {name!r}. {nearest(name, cls.model_fields)}")
    try:
        yield
    except ValidationError as error:
        wrong = [
            f"{cls.__name__}.{'.'.join(map(str, e['loc']))} got {e['input']!r}: {e['msg']}"
            for e in error.errors()
        ]
        raise SettingsError(f"{'; '.join(wrong)}. Check the values given.") from error
