"""Diagrams, charts and documents in other forms: Mermaid, prose, DOT, draw.io, SVG, Markdown, HTML.

Importing the package registers its writers.
"""

from dic_ingest.model.representation import register_writer
from dic_ingest.render.chart import chart_text
from dic_ingest.render.document import document_html, document_markdown
from dic_ingest.render.dot import to_dot
from dic_ingest.render.drawio import to_drawio
from dic_ingest.render.mermaid import to_mermaid
from dic_ingest.render.picture import to_json, to_svg
from dic_ingest.render.prose import to_text
from dic_ingest.text.html_tables import table_grid

register_writer("mermaid", to_mermaid)
register_writer("dot", to_dot)
register_writer("drawio", to_drawio)
register_writer("svg", to_svg)
register_writer("diagram json", to_json)
register_writer("diagram text", to_text)
register_writer("chart text", chart_text)
register_writer("markdown", document_markdown)
register_writer("document html", document_html)
register_writer("table grid", table_grid)
