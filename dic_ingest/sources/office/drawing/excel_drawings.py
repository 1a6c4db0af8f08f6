"""What floats over the cells of a workbook: charts with their numbers, shapes as graphs, pictures.

In: the archive of a workbook. Out: figures in a `Flow`, on the page of their sheet. Ranges that a chart keeps
no copy of are looked up in the cells; nothing is calculated.
"""

from __future__ import annotations

import posixpath
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dic_ingest.model.box import Box, size_of
from dic_ingest.model.document import Text
from dic_ingest.sources.office.drawing.colors import Palette
from dic_ingest.sources.office.drawing.drawingml import EMU, child, local, number, read_shapes
from dic_ingest.sources.office.drawing.frames import Parts, framed_figure
from dic_ingest.sources.office.drawing.shapes import FRAME, PICTURE, OfficeShape
from dic_ingest.sources.office.drawing.slides import SlidePages
from dic_ingest.sources.office.floating import add_drawing, add_sketch
from dic_ingest.sources.office.flow import Flow
from dic_ingest.sources.office.package import Package

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CELL = (48.0, 15.0)  # points of a cell in a new sheet
CHART = (360.0, 216.0)  # points of a chart whose size is not known
MAX_CELLS = 100_000  # of one range


def add_drawings(path: Path, package: Package, flow: Flow) -> list[SlidePages]:
    """Add what floats on all sheets; gives the pages of the charts in their order."""
    book = package.xml("xl/workbook.xml")
    sheets = package.related("xl/workbook.xml")
    palette = Palette.of_theme(package.xml("xl/theme/theme1.xml"))
    cells = _ReferencedCells(path)
    charts: list[SlidePages] = []
    for number_of, sheet in enumerate(book.iter(f"{S}sheet") if book is not None else (), start=1):
        part = sheets.get(sheet.get(f"{R}id", ""), "")
        for drawing in _drawings(package.related(part)):
            tree = package.xml(drawing)
            if tree is not None:
                charts += _Worksheet(package, flow, number_of, drawing, cells).read(tree, palette)
    cells.close()
    return charts


def _drawings(related: dict[str, str]) -> list[str]:
    return [
        p
        for p in related.values()
        if posixpath.basename(posixpath.dirname(p)) == "drawings" and p.endswith(".xml")
    ]


class _Worksheet:
    """The drawing part of one sheet."""

    def __init__(self, package: Package, flow: Flow, page: int, part: str, cells: _ReferencedCells) -> None:
        self.package, self.flow, self.page = package, flow, page
        self.related = package.related(part)
        self.parts = Parts(lambda link: package.read(self.related.get(link, "")), cells)

    def read(self, tree: Any, palette: Palette) -> list[SlidePages]:
        """Add pictures, charts, then the drawing that the shapes make."""
        places: dict[str, Box] = {}
        members = []
        for anchor in tree:
            for element in anchor:
                members.append(element)
                own = next((e.get("id", "") for e in element.iter() if local(e) == "cNvPr"), "")
                places.setdefault(own, _place(anchor))
        elements: dict[str, Any] = {}
        shapes = read_shapes(members, palette, places.get, elements)
        linked = {name for s in shapes for name in (s.start, s.end) if name}
        charts: list[tuple[int, SlidePages]] = []  # by their order in the file, as an office program has them
        for shape in sorted(shapes, key=lambda s: (s.bbox[1], s.bbox[0])):
            if shape.kind == FRAME:
                made = self._frame(elements[shape.id], shape, places.get(shape.id))
                charts += [(shape.order, sketch) for sketch in made]
            elif shape.kind == PICTURE and shape.id not in linked:
                data = self.parts.read(shape.part)
                if data is not None:
                    self.flow.add_picture(self.page, data, shape.alt)
        self._shapes([s for s in shapes if s.id in linked or s.kind not in (FRAME, PICTURE)])
        return [sketch for _, sketch in sorted(charts, key=lambda c: c[0])]

    def _frame(self, element: Any, shape: OfficeShape, place: Box | None) -> list[SlidePages]:
        """The chart or SmartArt of a frame; only a chart is shown by an office program."""
        box = place or shape.bbox
        wide, high = size_of(box)
        size = (wide, high) if min(wide, high) > 10 else CHART
        frame = replace(shape, bbox=(0.0, 0.0, *size))
        found = framed_figure(element, frame, self.parts)
        if found is None:
            self.flow.warn("picture_left_out", "an object on a sheet could not be read", self.page)
            return []
        figure, shown = found
        sketch = add_sketch(self.flow, self.page, shown, size, figure)
        return [sketch] if figure.chart is not None else []

    def _shapes(self, shapes: list[OfficeShape]) -> None:
        inside = add_drawing(self.flow, self.page, shapes)
        for shape in shapes:
            if shape.id not in inside:
                self.flow.add(Text("", self.page, None, 0, shape.text, "aside"))


def _place(anchor: Any) -> Box:
    """Where an anchor puts its shape, in points of a sheet whose cells have their usual size."""
    extent, position = child(anchor, "ext"), child(anchor, "pos")
    start, end = _corner(child(anchor, "from")), _corner(child(anchor, "to"))
    if position is not None:
        start = number(position, "x") / EMU, number(position, "y") / EMU
    if extent is not None:
        end = start[0] + number(extent, "cx") / EMU, start[1] + number(extent, "cy") / EMU
    return start[0], start[1], max(start[0], end[0]), max(start[1], end[1])


def _corner(marker: Any) -> tuple[float, float]:
    if marker is None:
        return 0.0, 0.0
    values = {local(e): (e.text or "0").strip() for e in marker}
    found = []
    for axis, cell in (("col", CELL[0]), ("row", CELL[1])):
        at, off = values.get(axis, "0"), values.get(f"{axis}Off", "0")
        whole = int(at) if at.isdigit() and len(at) < 8 else 0
        part = int(off) / EMU if off.isdigit() and len(off) < 12 else 0.0
        found.append(whole * cell + part)
    return found[0], found[1]


class _ReferencedCells:
    """Values of ranges, read from the workbook when the first is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._book: Any = None

    def __call__(self, formula: str) -> Sequence[Any]:
        """The values of a range such as `'My sheet'!$A$2:$A$9`; () for what is none here."""
        import openpyxl
        from openpyxl.utils import range_boundaries

        sheet, _, area = formula.strip("()").rpartition("!")
        name = sheet.strip("'").replace("''", "'")
        try:
            left, top, right, bottom = range_boundaries(area.replace("$", ""))
            if self._book is None:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self._book = openpyxl.load_workbook(
                        self.path, read_only=True, data_only=True, keep_links=False
                    )
            if None in (left, top, right, bottom) or (right - left + 1) * (bottom - top + 1) > MAX_CELLS:
                return ()
            rows = self._book[name].iter_rows(top, bottom, left, right, values_only=True)
            return [value for row in rows for value in row]
        except (KeyError, ValueError, TypeError, AttributeError):
            return ()

    def close(self) -> None:
        """Close the workbook."""
        if self._book is not None:
            self._book.close()
