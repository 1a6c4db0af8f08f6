"""Prose that the package did not write: order, branches, counts, negations, and what is not checked."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from dic_ingest.captioning.grounding.critic import check, criticise, revise
from dic_ingest.captioning.grounding.graph_index import Exact
from dic_ingest.captioning.grounding.verifier import UNCHECKED, judge
from dic_ingest.model.diagram import Diagram, Edge, Kind, Node
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid

FLOW = Diagram(
    Kind.FLOWCHART,
    (Node("a", "Receive order"), Node("b", "Stock available?", "diamond"), Node("c", "Ship parcel"),
     Node("d", "Notify customer"), Node("e", "Archive")),
    (Edge("a", "b"), Edge("b", "c", "Yes"), Edge("b", "d", "No"), Edge("c", "e"), Edge("d", "e")),
)  # fmt: skip
CALLS = Diagram(
    Kind.SEQUENCE,
    (Node("s", "Shop"), Node("b", "Bank"), Node("c", "Customer")),
    (Edge("c", "s", "place order"), Edge("s", "b", "charge card"), Edge("b", "s", "approval"),
     Edge("s", "c", "invoice")),
)  # fmt: skip
PARTS = Diagram(
    Kind.BLOCK,
    (Node("s", "Sensor"), Node("f", "Filter"), Node("r", "Recorder")),
    (Edge("s", "f"), Edge("f", "r")),
)


@pytest.mark.parametrize(
    ("diagram", "right", "wrong"),
    [
        (FLOW, "The first step is Receive order.", "The first step is Archive."),
        (FLOW, "The process ends with Archive.", "The process ends with Ship parcel."),
        (FLOW, "If stock is available, the parcel is shipped; otherwise the customer is notified.",
         "If stock is available, the customer is notified; otherwise the parcel is shipped."),
        (FLOW, "Unless stock is available, the customer is notified.",
         "Unless stock is available, the parcel is shipped."),
        (FLOW, "The order is received before the parcel is shipped.",
         "The parcel is shipped before the order is received."),
        (FLOW, "Archive has two incoming arrows.", "Archive has four incoming arrows."),
        (CALLS, "The card is charged by the Shop before the invoice is sent.",
         "The invoice is sent before the card is charged."),
        (CALLS, "The Customer never talks to the Bank directly.", "The Customer talks to the Bank directly."),
        (CALLS, "The Shop gets an approval from the Bank.", "The Bank gets an approval from the Shop."),
        (PARTS, "The Filter lies between the Sensor and the Recorder.",
         "The Recorder lies between the Sensor and the Filter."),
        (PARTS, "The Recorder is fed by the Filter.", "The Filter is fed by the Recorder."),
    ],
)  # fmt: skip
def test_what_prose_claims_is_held_against_the_graph(diagram: Diagram, right: str, wrong: str) -> None:
    exact = Exact(diagram)
    assert judge(right, exact).support == "graph"
    verdict = judge(wrong, exact)
    assert not verdict.support and verdict.reason not in ("", UNCHECKED, "silent")


def test_what_is_not_understood_is_not_checked_and_marked() -> None:
    text = "Whoever oversees Archive presumably sympathises with dissatisfied clientele."
    assert judge(text, Exact(FLOW)).reason == UNCHECKED
    found = criticise(text, FLOW, complete=False)
    assert found.caption.startswith("Whoever") and not found.changes
    assert [s.support for s in found.statements] == [""]


def test_a_model_decides_what_is_not_checked() -> None:
    text = "Whoever oversees Archive presumably sympathises with dissatisfied clientele."
    held = check(text, FLOW)
    assert held.questions == (text,)
    assert revise(held, {text: True}, complete=False).statements[0].support == "critic"
    denied = revise(held, {text: False}, complete=False)
    assert not denied.caption and denied.changes[0].before == text


def _benchmark() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "free_form.py"
    spec = importlib.util.spec_from_file_location("free_form_benchmark", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_sentences_that_were_not_looked_at_while_it_was_made() -> None:
    bench = _benchmark()
    some = [s for s in bench.read_sentences() if s.half == "held-out"]
    found = bench.scores([(s, bench.verdict_of(s)[0]) for s in some])
    assert len(some) == 300 and sum(s.true for s in some) == 150
    assert found["caught"] >= 0.90 and found["true_removed"] <= 0.05 and found["unchecked"] <= 0.15


def test_sentences_about_drawings_of_other_people_are_a_part_of_their_own(tmp_path: Path) -> None:
    bench = _benchmark()
    said = "Origins\n== f01 block\nflowchart TD\nA[Pump] --> B[Tank]\n--\n+ The Pump feeds it.\n- No tank.\n"
    (tmp_path / "figures_fresh.txt").write_text(said, "utf-8")
    assert [(s.half, s.true) for s in bench.read_sentences(tmp_path)] == [("fresh", True), ("fresh", False)]
    assert all(s.half != "fresh" for s in bench.read_sentences())


ER = "erDiagram\n  Flag ||--|{ variant : has\n  Flag ||--o{ rule : has\n  rule }|--|{ variant : uses\n"
LABELS = """flowchart LR
  A["Chat Website (frontend)"] --> B["Chat API (backend)"]
  B -->|"1. Vector search"| V((Vector database))
  B -->|forwards traces to| T[Trace store]
  P[Machine pool] -->|announced by| Q[Pool agent]
  subgraph L [Library]
    C[Command layer]
    D[Core layer]
  end
"""


@pytest.mark.parametrize(
    ("code", "kind", "right", "wrong"),
    [
        (ER, Kind.ER, "Every flag has at least one variant.", "Every flag must have at least one rule."),
        (ER, Kind.ER, "A rule belongs to exactly one flag.", "A flag has exactly one variant."),
        (
            ER,
            Kind.ER,
            "Rules and variants are in a many-to-many relationship.",
            "A flag has at most one rule.",
        ),
        (LABELS, Kind.BLOCK, "The Chat Website calls the Chat API.", "The Chat API calls the Chat Website."),
        (
            LABELS,
            Kind.BLOCK,
            "The Chat API forwards its traces to the Trace store.",
            "The Trace store forwards its traces to the Chat API.",
        ),
        (
            LABELS,
            Kind.BLOCK,
            "The machine pool is announced by the pool agent.",
            "The pool agent is announced by the machine pool.",
        ),
        (LABELS, Kind.BLOCK, "The Library comprises two blocks.", "The Library comprises three blocks."),
    ],
)
def test_counts_of_records_labels_and_short_names_are_read(
    code: str, kind: Kind, right: str, wrong: str
) -> None:
    exact = Exact(replace(read_mermaid(code), kind=kind))
    assert judge(right, exact).support, right
    verdict = judge(wrong, exact)
    assert not verdict.support and verdict.reason not in ("", UNCHECKED), (wrong, verdict)
