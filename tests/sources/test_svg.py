"""SVG files as drawings: shapes, transforms, markers, style sheets and texts; nothing is fetched or run."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from dic_ingest.cli import group
from dic_ingest.errors import BrokenFileError, EmptyFileError, InputError, LimitError
from dic_ingest.model.drawing import Drawing
from dic_ingest.sources.diagram_files.file import DiagramFile
from dic_ingest.sources.diagram_files.limits import DiagramLimits
from dic_ingest.sources.diagram_files.svg.drawing import svg_drawing
from dic_ingest.sources.diagram_files.svg.paths import subpaths

LIMITS = DiagramLimits()
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="420" height="120">'
ARROW = (
    '<defs><marker id="m" markerWidth="8" markerHeight="8" refX="8" refY="4" orient="auto">'
    '<path d="M0,0 L8,4 L0,8 z"/></marker></defs>'
)
STAGES = (
    f"{HEAD}{ARROW}<style>.box{{fill:none;stroke:#000}} .l{{stroke:black}}</style>"
    '<g transform="translate(10 40)"><rect class="box" width="100" height="40"/>'
    '<rect class="box" x="200" width="100" height="40"/></g>'
    '<line class="l" x1="110" y1="60" x2="208" y2="60" marker-end="url(#m)"/>'
    '<text x="60" y="64" font-size="12" text-anchor="middle">Mix</text>'
    '<text x="260" y="64" font-size="12" text-anchor="middle"><tspan>Bake</tspan></text></svg>'
)


def draw(inner: str) -> Drawing:
    return svg_drawing(f"{HEAD}{inner}</svg>", "a.svg", LIMITS)


def test_a_drawing_of_boxes_and_an_arrow_is_read(tmp_path: Path) -> None:
    file = tmp_path / "stages.svg"
    file.write_text(STAGES)
    found = json.loads(CliRunner().invoke(group, ["describe", str(file)]).output.splitlines()[0])
    name = {n["id"]: n["label"] for n in found["nodes"]}
    assert [(name[e["source"]], name[e["target"]], e["directed"]) for e in found["edges"]] == [
        ("Mix", "Bake", True)
    ]


def test_transforms_and_style_sheets() -> None:
    found = draw(
        '<style>g.a rect{stroke:red} #x{fill:#00f}</style><g class="a" transform="translate(10,5) scale(2)">'
        '<rect id="x" x="1" y="1" width="10" height="5"/></g><rect width="9" height="9" fill="none"/>'
    )
    assert [p.bbox for p in found.paths] == [(12.0, 7.0, 32.0, 17.0)]
    assert (found.paths[0].stroke, found.paths[0].fill, found.paths[0].width) == (
        (255, 0, 0),
        (0, 0, 255),
        2.0,
    )


def test_the_view_box_maps_to_the_page() -> None:
    inner = '<rect x="100" y="100" width="50" height="25"/>'
    svg = f'<svg viewBox="100 100 50 25" width="100" height="50">{inner}</svg>'
    found = svg_drawing(svg, "a.svg", LIMITS)
    assert (found.width, found.height, found.paths[0].bbox) == (100, 50, (0, 0, 100, 50))


@pytest.mark.parametrize(
    ("data", "points"),
    [
        ("M1 2 3 4h5V0z", ((1, 2), (3, 4), (8, 4), (8, 0))),
        ("m1 1 1 0-1 1", ((1, 1), (2, 1), (1, 2))),
        ("M0,0L10,0 nonsense", ((0, 0), (10, 0))),
    ],
)
def test_path_data(data: str, points: tuple[tuple[float, float], ...]) -> None:
    assert subpaths(data)[0].points == points


def test_arcs_and_curves_end_where_they_say() -> None:
    arc = subpaths("M0 0a5 5 0 0110 0")[0]
    assert arc.points[-1] == pytest.approx((10, 0)) and min(y for _, y in arc.points) == pytest.approx(
        -5, abs=0.2
    )
    assert subpaths("M0 0C0 10 10 10 10 0S20-10 20 0")[0].points[-1] == (20, 0)


def test_words_stand_where_they_are_anchored() -> None:
    found = draw('<text x="100" y="50" font-size="10" text-anchor="end">two words</text>')
    assert [w.text for w in found.words] == ["two", "words"]
    assert found.words[-1].bbox[2] == pytest.approx(100, abs=4) and found.words[0].bbox[1] == pytest.approx(
        42
    )


def test_html_in_a_drawing_gives_words() -> None:
    inner = '<foreignObject width="90" height="40"><div xmlns="http://www.w3.org/1999/xhtml">Start<br/>here</div></foreignObject>'
    assert [w.text for w in draw(inner).words] == ["Start", "here"]


def test_uses_are_painted_and_cycles_end() -> None:
    found = draw(
        '<defs><g id="a"><rect width="5" height="5"/><use href="#a"/></g></defs><use href="#a" x="9"/>'
    )
    assert 1 <= len(found.paths) < 100 and found.paths[0].bbox[0] == 9
    assert draw('<use href="http://example.org/x.svg#a"/><use href="file:///etc/passwd"/>').paths == ()


def test_what_is_not_shown_is_not_there() -> None:
    hidden = ('display="none"', 'style="visibility:hidden"', 'opacity="0"', 'fill="none"')
    assert draw("".join(f'<rect width="9" height="9" {h}/>' for h in hidden)).paths == ()


@pytest.mark.parametrize(
    ("svg", "error"),
    [
        ('<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>', BrokenFileError),
        ("<svg><rect", BrokenFileError),
        ("<html/>", BrokenFileError),
        ("<svg>" + "<g>" * 500 + "</g>" * 500 + "</svg>", LimitError),
        ("   ", EmptyFileError),
        (HEAD + "</svg>", EmptyFileError),
    ],
)
def test_hostile_files_are_typed_errors(svg: str, error: type[InputError]) -> None:
    with pytest.raises(error):
        DiagramFile(svg.encode(), suffix=".svg")


def test_uses_that_multiply_are_bounded() -> None:
    def level(i: int) -> str:
        return f'<g id="l{i}">' + f'<use href="#l{i - 1}"/>' * 10 + "</g>"

    levels = "".join(map(level, range(1, 12)))
    found = draw(f'<defs><g id="l0"><rect width="2" height="2"/></g>{levels}</defs><use href="#l11"/>')
    assert len(found.paths) <= 20_000


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damage_is_drawn_or_a_typed_error(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(STAGES) - 1))
    piece = data.draw(st.sampled_from(["", "1e999", "-", "NaN", '"', "<g>", "M", "#", "%"]))
    with contextlib.suppress(InputError):
        svg_drawing(STAGES[:at] + piece + STAGES[at + data.draw(st.integers(0, 9)) :], "a.svg", LIMITS)


def test_of_an_endless_text_only_the_beginning_is_drawn() -> None:
    text = "word " * 200_000
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>{text}</text></svg>'
    drawing = svg_drawing(svg, "a.svg", DiagramLimits(max_label=1000))
    assert len(drawing.words) == 200
