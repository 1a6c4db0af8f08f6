"""What people are shown of a hit: where it stands, and what the question names in it, once each."""

from __future__ import annotations

from dic_ingest.cli.retrieval.search import shown
from dic_ingest.index.hits import GraphPart, Hit, marked
from dic_ingest.serve.searching import found_of


def test_what_reads_the_same_is_shown_once_with_its_number() -> None:
    nodes = [GraphPart("node", k, label, (0, 10.0 * k, 9, 10.0 * k + 9)) for k, label in enumerate("AAB")]
    edges = [
        GraphPart("edge", 0, "asks", None, source="A", target="B"),
        GraphPart("edge", 1, "asks", None, source="A", target="B"),
        GraphPart("edge", 2, "", None, source="B", target="A"),
    ]
    known = {"file_name": "manual.pdf", "page": 7}
    hit = Hit(
        "f", 0.5, None, 1.0, "text", known, "", "manual", "manual.pdf", "figure", 7, None, "Figure 2", "f",
        marked(nodes, edges, "does A ask B?"),
    )  # fmt: skip
    assert [(p.type, p.label, times) for p, times in hit.named] == [
        ("node", "A", 2),
        ("node", "B", 1),
        ("edge", "asks", 2),
        ("edge", "", 1),
    ]
    said = shown(1, hit)
    assert said.startswith("1. manual.pdf, page 7, Figure 2 ")
    assert 'in it: "A", 2 times; "B"; "A" to "B" ("asks"), 2 times; "B" to "A"\n' in said
    found = found_of(hit, 100)
    assert [chip["times"] for chip in found.chips] == [2, 1, 2, 1]
    assert len(found.to_dict()["support"]) == 6 and "chips" not in found.to_dict()
