"""A diagram or chart in words: Mermaid source and prose. Importing the package registers its writers."""

from dic_ingest.model.representation import register_writer
from dic_ingest.render.chart import chart_text
from dic_ingest.render.mermaid import to_mermaid
from dic_ingest.render.prose import to_text

register_writer("mermaid", to_mermaid)
register_writer("diagram text", to_text)
register_writer("chart text", chart_text)
