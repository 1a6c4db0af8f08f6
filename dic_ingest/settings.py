"""All settings of the pipeline, a field per stage; imports nothing heavy: re-runs start quickly."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dic_ingest.diagrams.settings import RasterSettings, VectorSettings
from dic_ingest.figures.settings import CropSettings, DuplicateSettings, RecoverySettings, RoutingSettings
from dic_ingest.mineru.settings import LocalSettings, ServerSettings
from dic_ingest.settings_file import checked_value, from_dict, named_fields, read_toml
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.office.settings import OfficeSettings
from dic_ingest.sources.settings import InputSettings, PdfLimits, PictureLimits, ScanSettings


@named_fields
@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, a field per stage; one TOML table each, names one to one.

    A stage's settings may be given as its dataclass or as a dictionary: `Settings(pdf={"max_pages": 20})`.
    """

    engine: str = "dic-small"  # dic-small, local, endpoint, none or fake
    engine_options: dict[str, Any] = field(default_factory=dict)  # of the engine, as in docs/engines.md
    input: InputSettings = field(default_factory=InputSettings)
    parse: LocalSettings = field(default_factory=LocalSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    pdf: PdfLimits = field(default_factory=PdfLimits)
    picture: PictureLimits = field(default_factory=PictureLimits)
    office: OfficeSettings = field(default_factory=OfficeSettings)
    diagram: DiagramLimits = field(default_factory=DiagramLimits)
    scans: ScanSettings = field(default_factory=ScanSettings)
    recovery: RecoverySettings = field(default_factory=RecoverySettings)
    routing: RoutingSettings = field(default_factory=RoutingSettings)
    duplicates: DuplicateSettings = field(default_factory=DuplicateSettings)
    crops: CropSettings = field(default_factory=CropSettings)
    vector: VectorSettings = field(default_factory=VectorSettings)
    raster: RasterSettings = field(default_factory=RasterSettings)

    def __post_init__(self) -> None:
        """Take tables of settings for the dataclasses that they mean.

        Raises:
            SettingsError: an unknown name, a wrong type, a value out of range; the message has the full name.
        """
        for one in fields(self):
            value = checked_value(type(self), one.name, getattr(self, one.name))
            object.__setattr__(self, one.name, value)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Settings:
        """Settings from `data`, nested dictionaries as TOML gives them; raises SettingsError."""
        return from_dict(cls, data)

    @classmethod
    def from_toml(cls, path: Path | str) -> Settings:
        """Settings from the TOML file at `path`, as the command line takes it; its `[nodes]` is left aside.

        Raises:
            SettingsError: unreadable file, unknown key, value of the wrong type or out of range.
        """
        data = read_toml(Path(path))
        data.pop("nodes", None)
        return from_dict(cls, {**data.pop("ingest", {}), **data})
