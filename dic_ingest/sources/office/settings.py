"""Settings of office files and the formats that are read."""

from __future__ import annotations

from dataclasses import dataclass

from dic_ingest.errors import SettingsError

FLOWING = frozenset(
    {".docx", ".docm", ".xlsx", ".xlsm", ".odt", ".ods", ".html", ".htm", ".xhtml", ".epub"}
    | {".md", ".markdown", ".ipynb", ".rst", ".adoc", ".asciidoc"}
)
SLIDES = frozenset({".pptx", ".pptm", ".odp", ".odg"})
# formats that only LibreOffice reads
FOREIGN = frozenset({".doc", ".ppt", ".xls", ".rtf"})
SUFFIXES = FLOWING | SLIDES | FOREIGN


@dataclass(frozen=True, slots=True)
class OfficeSettings:
    """How office files are read, and bounds on what one may cost.

    `libreoffice`: "auto" uses it where it is installed, "off" never. `timeout` is for one conversion, in
    seconds. `max_bytes` is of the file, `max_unpacked` of all its parts, `max_xml` of one that is XML,
    `max_cells` of the sheets together.
    """

    libreoffice: str = "auto"  # auto, on or off: whether LibreOffice draws slides and drawings
    timeout: float = 180.0  # seconds of LibreOffice's work
    max_bytes: int = 200 << 20  # of the file
    max_unpacked: int = 1 << 30  # bytes of all its parts, unpacked
    max_xml: int = 128 << 20  # bytes of one XML part
    max_parts: int = 20_000  # parts in its archive
    max_cells: int = 200_000  # cells of one sheet or table
    max_pictures: int = 2_000  # pictures that are read
    max_nesting: int = 200  # elements within elements of HTML

    def __post_init__(self) -> None:
        if self.libreoffice not in ("auto", "off"):
            raise SettingsError(
                f'OfficeSettings.libreoffice must be "auto" or "off", got {self.libreoffice!r}'
            )
        if not self.timeout > 0:
            raise SettingsError(f"OfficeSettings.timeout must be above 0 seconds, got {self.timeout}")
        bounds = (
            self.max_bytes,
            self.max_unpacked,
            self.max_xml,
            self.max_parts,
            self.max_cells,
            self.max_pictures,
            self.max_nesting,
        )
        if min(bounds) < 1:
            raise SettingsError("every bound of OfficeSettings must be at least 1")
