"""Everything that a document's results depend on; imports nothing heavy, so that re-runs start quickly."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dic_ingest.errors import SettingsError
from dic_ingest.nodes.record import NodeSettings
from dic_ingest.nodes.tokenizer import fingerprint
from dic_ingest.settings import Settings
from dic_ingest.settings_file import from_dict, read_toml

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ASKED = "asked"  # folder of the figures that wait, below a document's staged results


@dataclass(frozen=True, slots=True)
class WorkSettings:
    """Everything that a document's results depend on; one TOML file maps to it one to one."""

    ingest: Settings = field(default_factory=Settings)
    nodes: NodeSettings = field(default_factory=NodeSettings)

    @classmethod
    def from_toml(cls, path: Path) -> WorkSettings:
        """Settings from the TOML file at `path`; the tables of `ingest` may stand alone (`[parse]`).

        Raises:
            SettingsError: unreadable file, unknown key, value of the wrong type or out of range.
        """
        data = read_toml(path)
        stages = {f.name for f in fields(Settings)}
        short = {key: data.pop(key) for key in list(data) if key in stages}
        return from_dict(cls, {**data, "ingest": {**data.get("ingest", {}), **short}} if short else data)


@dataclass(frozen=True, slots=True)
class Digests:
    """Of everything but the input that a document's results depend on, the reading and the nodes apart."""

    reading: str
    nodes: str


def reading_digest(settings: WorkSettings, pages: str = "") -> str:
    """Digest of the versions and settings that document.json and the crops depend on."""
    versions = {p: version(p) for p in ("dic-ingest", "mineru")}
    return _digest(["reading", plain_values(settings.ingest), pages, versions])


def nodes_digest(settings: NodeSettings) -> str:
    """Digest of what nodes.jsonl and the whole document in other formats depend on beside document.json.

    Raises:
        SettingsError: the tokenizer's file cannot be read, or the tokenizer is a function.
    """
    plain = plain_values(settings)
    return _digest(["nodes", plain, fingerprint(plain["tokenizer"])])


def _digest(values: list[Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def plain_values(value: DataclassInstance) -> Any:
    """A dataclass of settings or plain fields as JSON values.

    Raises:
        SettingsError: a function is among them, which no other process can be given.
    """

    def plain(part: Any) -> Any:
        if callable(part):
            raise SettingsError(
                "A run's workers are processes of their own and cannot be given a function as "
                "nodes.tokenizer. Name one, as hf:/path/to/tokenizer.json."
            )
        return sorted(part) if isinstance(part, frozenset) else str(part)

    return json.loads(json.dumps(asdict(value), default=plain))
