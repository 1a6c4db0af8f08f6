"""Hypothesis strategies for the data model, shared by the tests of documents, diagrams and nodes."""

from __future__ import annotations

from hypothesis import strategies as st

from dic_ingest.model import chart as c
from dic_ingest.model import diagram as g
from dic_ingest.model import document as d
from dic_ingest.model.drawing import Word

text = st.text(max_size=12)
number = st.floats(-1e6, 1e6, allow_nan=False)
share = st.floats(0, 1)
boxes = st.tuples(number, number, number, number)
words = st.builds(
    Word,
    text=text,
    bbox=boxes,
    size=number,
    angle=number,
    color=st.none() | st.tuples(*[st.integers(0, 255)] * 3),
    bold=st.booleans(),
    confidence=share,
)


def tuples(of: st.SearchStrategy, most: int = 3) -> st.SearchStrategy:
    """Tuples of any length up to `most`."""
    return st.lists(of, max_size=most).map(tuple)


nodes = st.builds(
    g.Node,
    id=text,
    label=text,
    shape=text,
    members=tuples(text),
    group=st.none() | text,
    bbox=st.none() | boxes,
    score=share,
)
edges = st.builds(
    g.Edge,
    source=text,
    target=text,
    label=text,
    directed=st.booleans(),
    style=st.sampled_from(["solid", "dashed", "thick"]),
    source_end=st.sampled_from(g.End),
    target_end=st.sampled_from(g.End),
    source_label=text,
    target_label=text,
    score=share,
    path=tuples(st.tuples(number, number)),
)
groups = st.builds(
    g.Group,
    id=text,
    label=text,
    parent=st.none() | text,
    bbox=st.none() | boxes,
    kind=text,
    edges=tuples(st.integers(0, 99)),
)
diagrams = st.builds(
    g.Diagram,
    kind=st.sampled_from(g.Kind),
    nodes=tuples(nodes),
    edges=tuples(edges),
    groups=tuples(groups),
    title=text,
    notes=tuples(text),
    direction=st.sampled_from(["TD", "LR", "BT", "RL"]),
    unread=tuples(text),
)

axes = st.builds(
    c.Axis,
    label=text,
    unit=text,
    scale=st.sampled_from(c.Scale),
    ticks=tuples(text),
    categories=tuples(text),
    range=st.none() | st.tuples(number | text, number | text),
)
points = st.builds(
    c.Point,
    x=number | text,
    y=st.none() | number,
    x_end=st.none() | number | text,
    low=st.none() | number,
    high=st.none() | number,
    score=share,
    source=st.sampled_from(c.PointSource),
    bbox=st.none() | boxes,
)
series = st.builds(
    c.Series,
    name=text,
    points=tuples(points),
    mark=text,
    color=st.none() | st.tuples(*[st.integers(0, 255)] * 3),
    secondary=st.booleans(),
    trend=st.booleans(),
    score=share,
)


def _charts(panels: st.SearchStrategy) -> st.SearchStrategy:
    return st.builds(
        c.Chart,
        type=st.sampled_from(c.ChartType),
        title=text,
        x_axis=st.none() | axes,
        y_axis=st.none() | axes,
        series=tuples(series),
        second_y_axis=st.none() | axes,
        legend=tuples(text),
        horizontal=st.booleans(),
        annotations=tuples(text),
        panels=panels,
        unread=tuples(text),
        read_from=text,
        score=share,
        bbox=st.none() | boxes,
    )


charts = _charts(tuples(_charts(st.just(()))))

evidence = st.builds(
    d.Evidence,
    recall=share,
    precision=share,
    unsupported=tuples(text),
    needs_review=st.booleans(),
    statements=tuples(st.builds(d.Statement, text=text, support=text, boxes=tuples(boxes))),
)
descriptions = st.builds(
    d.Description,
    caption=text,
    diagram=st.none() | diagrams,
    chart=st.none() | charts,
    engine=text,
    model=text,
    prompt=text,
    evidence=st.none() | evidence,
    words=tuples(words),
)
routes = st.builds(d.Route, route=text, kind=st.sampled_from(g.Kind), score=share, reason=text)
place = {"id": text, "page": st.integers(1, 999), "bbox": st.none() | boxes, "order": st.integers(0, 9999)}
figures = st.builds(
    d.Figure,
    **place,
    label=text,
    printed_caption=text,
    caption_boxes=tuples(boxes),
    footnotes=tuples(text),
    embedded_words=tuples(words),
    references=tuples(st.builds(d.Reference, block_id=text, page=st.integers(1, 9), sentence=text)),
    section=text,
    hint=st.none() | st.builds(d.Hint, source=text, sub_type=text, content=text),
    route=st.none() | routes,
    description=st.none() | descriptions,
    image=text,
    dpi=number,
    crop_sha256=text,
    duplicate_of=text,
    parent=text,
    continues=text,
    rotation=st.sampled_from([0, 90, 180, 270]),
)
blocks = st.one_of(
    st.builds(d.Text, **place, text=text, role=text),
    st.builds(d.Heading, **place, text=text, level=st.integers(1, 6)),
    st.builds(d.List, **place, items=tuples(text)),
    st.builds(d.Table, **place, html=text, text=text, caption=text, footnotes=tuples(text)),
    st.builds(d.Equation, **place, latex=text, text=text),
    st.builds(d.Code, **place, text=text, language=text, caption=text),
    figures,
)
documents = st.builds(
    d.Document,
    source=text,
    sha256=text,
    parser=st.builds(d.Parser, name=text, version=text, tier=text),
    pages=tuples(st.builds(d.Page, number=st.integers(1, 99), width=number, height=number)),
    blocks=tuples(blocks, 6),
    warnings=tuples(st.builds(d.Warning, code=text, message=text, page=st.none() | st.integers(1, 9))),
)
