"""Only some types of nodes: what stays is what it was, and nothing names a node that is not there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from made_document import made

from dic_ingest.errors import SettingsError
from dic_ingest.model.document import Document
from dic_ingest.nodes import NodeRecord, NodeSettings, to_nodes
from dic_ingest.nodes.record import NODE_TYPES

TIES = ("dic_prev_id", "dic_next_id", "dic_parent_id", "refers_to", "referenced_by")
PLACES = ("dic_order", *TIES)


def of_types(document: Document, *types: str) -> list[NodeRecord]:
    """The document's nodes of these types."""
    return to_nodes(document, NodeSettings(types=frozenset(types)))


def without_places(metadata: Mapping[str, object]) -> dict[str, object]:
    return {k: v for k, v in metadata.items() if k not in PLACES}


@pytest.mark.parametrize(
    "wanted", [("figure",), ("text",), ("table", "code"), ("text", "figure"), ("equation",)]
)
def test_ties_name_nodes_that_are_there(wanted: tuple[str, ...]) -> None:
    nodes = of_types(made(), *wanted)
    ids = [n.id for n in nodes]
    assert {n.type for n in nodes} == set(wanted) - {"equation"}
    assert [n.metadata["dic_order"] for n in nodes] == list(range(len(nodes)))
    assert [n.prev for n in nodes] == ["", *ids[:-1]][: len(ids)]
    assert [n.next for n in nodes] == [*ids[1:], ""][: len(ids)]
    for node in nodes:
        named = ",".join(str(node.metadata.get(key, "")) for key in TIES).split(",")
        assert {name for name in named if name} <= set(ids)
        assert node.parent in ("", *ids)


@pytest.mark.parametrize("wanted", ["figure", "table", "code"])
def test_a_node_is_the_same_beside_others_and_alone(wanted: str) -> None:
    every = {n.id: n for n in to_nodes(made())}
    alone = of_types(made(), wanted)
    assert len(alone) == sum(n.type == wanted for n in every.values()) > 0
    for node in alone:
        assert node.text == every[node.id].text
        assert without_places(node.metadata) == without_places(every[node.id].metadata)


def test_a_mention_ties_text_and_figure_only_where_both_are() -> None:
    both = of_types(made(), "text", "figure")
    assert any(n.metadata.get("refers_to") for n in both)
    assert any(n.metadata.get("referenced_by") for n in both)
    assert not any(n.metadata.get("refers_to") for n in of_types(made(), "text"))
    assert not any(n.metadata.get("referenced_by") for n in of_types(made(), "figure"))


def test_text_alone_keeps_headings_that_stand_before_a_figure() -> None:
    document = made()
    headings = [b.content for b in document.blocks if b.type == "heading"]
    told = "\n".join(n.text for n in of_types(document, "text"))
    assert headings and all(h in told for h in headings)


def test_no_types_are_all_types() -> None:
    assert of_types(made()) == to_nodes(made()) == of_types(made(), *NODE_TYPES)


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"nodes\.types knows no 'figures'\. Is it 'figure'"):
        NodeSettings(types=["figures"])  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=r"nodes\.formats knows no 'htm'\. Is it 'html'"):
        NodeSettings(formats=["htm"])  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=r"nodes\.types must be a list"):
        NodeSettings(types="figure")  # type: ignore[arg-type]
