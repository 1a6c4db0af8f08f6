"""Writes docs/settings.md from the settings dataclasses: name, type, default, meaning.

python tools/settings_page.py          # writes the page
python tools/settings_page.py --check  # exit status 1 where the page is not what the code says
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from dic_ingest.batch.settings import WorkSettings
from dic_ingest.captioning.engines.small import SmallSettings
from dic_ingest.settings_file import Setting, all_settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
COLUMNS = ("| setting | type | default | meaning |", "|---|---|---|---|")
HEAD = """# Settings

One TOML file for the command line (`--settings FILE`) and for Python
(`Settings.from_toml("settings.toml")`); a table per stage, names those of the dataclasses.
`dic-ingest settings` prints a file with all defaults. A key that does not exist, a value of the wrong type or
out of range is an error that says so. Keys of servers come from the environment only.

This page is made from the code by `python tools/settings_page.py`.
"""

ENGINE = """# Options of dic-small

On the command line `--engine-option pixel_share=0.3`, and of a table
`--engine-option evidence={min_graph=0.9}`. The options of the other engines are in docs/engines.md.
"""


def table_of(setting: Setting) -> str:
    """The TOML table that a setting stands in."""
    return setting.name.rpartition(".")[0]


def page() -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    parts += tables(all_settings(WorkSettings))
    parts.append(ENGINE)
    parts += tables(all_settings(SmallSettings, "ingest.engine_options"))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def tables(settings: Iterable[Setting]) -> list[str]:
    """A section with a table of rows for each TOML table."""
    return [
        "\n".join([f"## {table}", "", *COLUMNS, *map(row_of, rows)])
        for table, rows in groupby(settings, table_of)
    ]


def row_of(setting: Setting) -> str:
    """A setting as a row of the page's tables."""
    name, meaning = setting.name.rpartition(".")[2], setting.meaning.replace("|", "\\|")
    default = f"`{setting.default}`" if setting.default else ""
    return f"| `{name}` | {setting.type} | {default} | {meaning} |"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(
            0
            if PAGE.read_text("utf-8") == page()
            else f"{PAGE.name} is old: run python tools/settings_page.py"
        )
    PAGE.write_text(page(), "utf-8")
