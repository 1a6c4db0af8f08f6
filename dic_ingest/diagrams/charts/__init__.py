"""Charts: from drawn paths and words to axes, series and values.

`read_chart` takes a `Drawing` (of a PDF page, or traced from pixels) and gives a `Chart`, or None.
"""

from dic_ingest.diagrams.charts.reader import ChartSettings as ChartSettings
from dic_ingest.diagrams.charts.reader import read_chart as read_chart
