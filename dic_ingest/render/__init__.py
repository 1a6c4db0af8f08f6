"""A diagram or chart in other forms: Mermaid, prose, DOT, draw.io, SVG. Importing the package registers its
writers."""

from dic_ingest.model.representation import register_writer
from dic_ingest.render.chart import chart_text
from dic_ingest.render.dot import to_dot
from dic_ingest.render.drawio import to_drawio
from dic_ingest.render.mermaid import to_mermaid
from dic_ingest.render.picture import to_json, to_svg
from dic_ingest.render.prose import to_text

register_writer("mermaid", to_mermaid)
register_writer("dot", to_dot)
register_writer("drawio", to_drawio)
register_writer("svg", to_svg)
register_writer("diagram json", to_json)
register_writer("diagram text", to_text)
register_writer("chart text", chart_text)
