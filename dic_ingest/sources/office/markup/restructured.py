"""reStructuredText -> a `Flow`, by way of docutils and HTML. Nothing is included or run; Sphinx's roles
become their text, its diagram directives listings that are read as figures.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

from dic_ingest.errors import BrokenFileError, MissingExtraError
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.markup.epub import Beside
from dic_ingest.sources.office.markup.html import read_html
from dic_ingest.sources.office.settings import OfficeSettings

DIAGRAMS = {"mermaid": "mermaid", "uml": "plantuml", "plantuml": "plantuml", "graphviz": "dot", "dot": "dot"}
_ROLE = re.compile(r":[\w:+.-]+:`([^`<]+?)(?:\s*<[^`>]*>)?`")
SAFE = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 5,
    "syntax_highlight": "none",
    "embed_stylesheet": False,
    "stylesheet_path": None,
    "doctitle_xform": False,
    "line_length_limit": 100_000,
}


def read_restructured(text: str, flow: Flow, folder: Path, settings: OfficeSettings) -> None:
    """Add the blocks of a reStructuredText file that lies in `folder`.

    Raises:
        MissingExtraError: docutils is not installed. BrokenFileError: docutils gives up.
    """
    try:
        from docutils.core import publish_parts
    except ImportError as error:
        raise MissingExtraError("docutils", "office") from error
    _register()
    try:
        parts = publish_parts(_ROLE.sub(r"\1", text), writer="html5", settings_overrides=SAFE)
    except Exception as error:  # docutils has no one error for text that it cannot take
        raise BrokenFileError(f"{flow.name} is no reStructuredText that can be read: {error}.") from error
    read_html(
        f"<html><body>{parts['html_body']}</body></html>",
        flow,
        Beside(folder, settings),
        1,
        settings.max_nesting,
    )


def _register() -> None:
    """Diagram directives as listings of their language."""
    from docutils import nodes
    from docutils.parsers.rst import Directive, directives

    class Written(Directive):  # type: ignore[misc]
        has_content = True
        optional_arguments = 100
        final_argument_whitespace = True
        option_spec: ClassVar[Any] = {
            k: directives.unchanged for k in ("caption", "align", "alt", "name", "zoom", "scale")
        }

        def run(self) -> list[Any]:
            source = "\n".join(self.content)
            block = nodes.literal_block(source, source, classes=["code", DIAGRAMS[self.name]])
            caption = self.options.get("caption", "")
            return [block, nodes.paragraph(caption, caption)] if caption else [block]

    for name in DIAGRAMS:
        directives.register_directive(name, Written)
