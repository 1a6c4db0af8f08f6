"""Everything that a document's results depend on; imports nothing heavy, so that re-runs start quickly."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path

from dic_ingest.nodes.record import NodeSettings
from dic_ingest.settings import Settings
from dic_ingest.settings_file import from_dict, read_toml

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
