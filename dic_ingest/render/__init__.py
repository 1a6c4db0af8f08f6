"""Diagrams, charts and documents in other forms: Mermaid, prose, DOT, draw.io, SVG, Markdown, HTML.

Importing the package registers its writers.
"""

from collections.abc import Callable
from importlib import import_module

from dic_ingest.model.representation import register_writer
from dic_ingest.render.chart import chart_text
from dic_ingest.render.document import document_html, document_markdown
from dic_ingest.render.mermaid import to_mermaid
from dic_ingest.render.prose import to_text
from dic_ingest.text.html_tables import table_grid


def _on_demand(module: str, name: str) -> Callable[..., str]:
    """A writer whose module is loaded when it is first asked for."""

    def write(value: object) -> str:
        text: str = getattr(import_module(f"dic_ingest.render.{module}"), name)(value)
        return text

    return write


register_writer("mermaid", to_mermaid)
for _form, _module, _name in (
    ("dot", "dot", "to_dot"),
    ("drawio", "drawio", "to_drawio"),
    ("svg", "picture", "to_svg"),
    ("diagram json", "picture", "to_json"),
):
    register_writer(_form, _on_demand(_module, _name))
register_writer("diagram text", to_text)
register_writer("chart text", chart_text)
register_writer("markdown", document_markdown)
register_writer("document html", document_html)
register_writer("table grid", table_grid)
