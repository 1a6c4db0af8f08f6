"""Made-up drawings obey the facts; the facts refuse what is false, and a domain engineer can add to them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from dic_ingest.cli.training.facts import command
from dic_ingest.errors import SettingsError
from dic_ingest.evaluation.figure_set import Pair
from dic_ingest.model.diagram import Diagram, Edge, End, Kind, Node
from dic_ingest.training.synthesise.domains import draw_diagram
from dic_ingest.training.synthesise.facts.check import held_against
from dic_ingest.training.synthesise.facts.rules import all_facts, parse_facts, shipped_facts
from dic_ingest.training.synthesise.grammars.callflow import callflow, procedure
from dic_ingest.training.synthesise.grammars.process import process
from dic_ingest.training.synthesise.grammars.tiers import parts_of
from dic_ingest.training.synthesise.plan import draft
from dic_ingest.training.synthesise.settings import SynthesisSettings
from dic_ingest.training.synthesise.splits import overlap, plots_of_splits
from dic_ingest.training.synthesise.words import Plots, sections

OWN = """
[sources]
manual = "Manual of the plant"
[parts.Kiln]
names = ["Kiln *"]
does = "burns the clinker"
[[links]]
name = ["raw meal"]
from = "Preheater"
to = "Kiln"
source = "manual"
[[links]]
name = ["clinker"]
from = "Kiln"
to = "Cooler"
source = "manual"
[plots.clouds]
"Cement plant" = '''
Line (rect): Preheater, Kiln {1..3}, Cooler
frame Works: Line
'''
"""


def joined(one: str, label: str, other: str, kind: Kind = Kind.BLOCK, **more: End) -> Diagram:
    return Diagram(kind, (Node("a", one), Node("b", other)), (Edge("a", "b", label, **more),))


DRAWN = ["telecom call flow", "network topology", "cloud architecture"]
PLOTTED = ["protocol state machine", "class model", "data model"]


@pytest.mark.parametrize("domain", [*DRAWN, *PLOTTED])
def test_every_drawn_line_is_allowed(domain: str) -> None:
    facts, lines = shipped_facts(), 0
    for i in range(120):
        title, diagram = draw_diagram(random.Random(f"obey {domain}{i}"), domain, (3, 40))
        judged = held_against(diagram, facts)
        assert not judged.forbidden and not judged.unknown, (title, judged)
        lines += judged.lines
    assert lines > (800 if domain in DRAWN else 500)


def test_every_message_of_every_procedure_is_allowed() -> None:
    facts = shipped_facts()
    for title, lines in Plots().titles("callflows").items():
        told = [line for line in lines if not line.startswith(("purpose:", "fails:"))]
        found = procedure(told)
        assert len(found.phases) >= 2 and 0 in found.phases, title
        for s in found.steps:
            if s.source != s.target:
                assert facts.message(s.source, s.target, s.text), (title, s)


@pytest.mark.parametrize("family", ["networks", "clouds"])
def test_every_part_can_be_joined(family: str) -> None:
    facts = shipped_facts()
    for title, lines in sections(family).items():
        parts = parts_of(lines)
        for p in parts:
            others = [q for q in parts if q != p]
            ways = [facts.labels(p.label, q.label) or facts.labels(q.label, p.label) for q in others]
            assert any(ways), (title, p)


@pytest.mark.parametrize(
    ("one", "label", "other", "good"),
    [
        ("AMF", "N11", "SMF 2", True),
        ("SMF", "N4", "UPF", True),
        ("PCF", "N2", "UPF 2", False),
        ("AMF", "N4", "SMF", False),
        ("Web Browser", "HTTPS", "CDN", True),
        ("CDN", "HTTPS", "Web Browser", False),
        ("Cart Service", "SQL", "Redis Cache", False),
    ],
)
def test_false_links_are_named(one: str, label: str, other: str, good: bool) -> None:
    assert bool(held_against(joined(one, label, other), shipped_facts()).forbidden) is not good


def _states(*moves: tuple[str, str, str]) -> Diagram:
    names = list(dict.fromkeys(s for a, b, _ in moves for s in (a, b)))
    return Diagram(Kind.STATE, tuple(Node(s, s) for s in names), tuple(Edge(a, b, t) for a, b, t in moves))


@pytest.mark.parametrize(
    ("moves", "forbidden"),
    [
        ([("LISTEN", "SYN RCVD", ""), ("SYN RCVD", "ESTABLISHED", "any words of its own")], 0),
        ([("SYN RCVD", "LISTEN", ""), ("SYN RCVD", "ESTABLISHED", "")], 1),  # reversed
        ([("TIME_WAIT", "ESTABLISHED", ""), ("LISTEN", "SYN_RCVD", "")], 1),  # no such transition
        (
            [("LISTEN", "SYN_RCVD", "2MSL timeout"), ("TIME_WAIT", "CLOSED", "2MSL timeout")],
            1,
        ),  # another's event
        ([("Inbox", "Outbox", "sent"), ("Outbox", "Archive", "kept")], 0),  # no plot knows it
    ],
)
def test_state_machines_are_held_against_their_plot(
    moves: list[tuple[str, str, str]], forbidden: int
) -> None:
    assert len(held_against(_states(*moves), shipped_facts()).forbidden) == forbidden


@pytest.mark.parametrize(
    ("edge", "good"),
    [
        (Edge("Customer", "Account", "owns", directed=False), True),
        (Edge("Account", "Customer", "", directed=False), True),
        (Edge("Customer", "Payment", "", directed=False), False),
        (Edge("Customer", "Account", "settled by", directed=False), False),
        (Edge("Customer", "Account", source_label="0..*", target_label="1"), False),
        (Edge("Account", "Customer", source_label="0..*", target_label="1"), True),
        (Edge("VoiceRecord", "UsageRecord", target_end=End.TRIANGLE), True),
        (Edge("UsageRecord", "VoiceRecord", target_end=End.TRIANGLE), False),
        (Edge("Invoice", "InvoiceLine", source_end=End.FILLED_DIAMOND, target_end=End.NONE), True),
        (Edge("InvoiceLine", "Invoice", source_end=End.FILLED_DIAMOND, target_end=End.NONE), False),
    ],
)
def test_data_models_are_held_against_their_plot(edge: Edge, good: bool) -> None:
    nodes = tuple(Node(n, n) for n in (edge.source, edge.target))
    judged = held_against(Diagram(Kind.CLASS, nodes, (edge,)), shipped_facts())
    assert bool(judged.forbidden) is not good, judged


def test_an_own_machine_of_a_file_of_facts_is_a_rule(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        "[plots.machines]\n\"Kiln\" = '''\nCold > Heating: ignite\nHeating > Burning: 1400 C\n'''\n"
    )
    facts = all_facts([own])
    assert held_against(_states(("Cold", "Burning", "")), facts).forbidden
    assert not held_against(_states(("Cold", "Heating", "ignite")), facts).forbidden


def test_messages_keep_to_their_protocol_and_partners() -> None:
    facts = shipped_facts()
    assert facts.message("gNB 3", "AMF", "Initial UE Message")
    assert facts.message("AMF", "gNB", "Initial UE Message"), "an answer passes the same way"
    assert not facts.message("gNB", "SMF", "Initial UE Message")
    assert not facts.message("gNB", "AMF", "Credit Control Request")


def test_one_way_links_have_no_arrows_at_both_ends() -> None:
    facts = shipped_facts()
    both = joined("Web Browser", "HTTPS", "CDN", source_end=End.ARROW, target_end=End.ARROW)
    assert held_against(both, facts).forbidden
    assert not held_against(joined("AMF", "N11", "SMF", source_end=End.ARROW), facts).forbidden


def test_parts_have_no_more_lines_than_a_fact_says() -> None:
    facts = shipped_facts()
    ends = ("ONT 4711", "ONT 4712")
    nodes = (Node("s", "Set-Top Box"), *(Node(e, e) for e in ends))
    two = Diagram(Kind.TOPOLOGY, nodes, tuple(Edge(e, "s", directed=False) for e in ends))
    assert held_against(two, facts).forbidden == ("Set-Top Box has 2 lines",)
    only = Plots(facts, {"networks": frozenset({"Passive optical network", "Satellite network"})})
    for i in range(40):
        _, diagram = draw_diagram(random.Random(i), "network topology", (12, 30), only)
        assert not held_against(diagram, facts).forbidden


def test_an_engineer_adds_parts_links_and_plots(tmp_path: Path) -> None:
    file = tmp_path / "cement.toml"
    file.write_text(OWN)
    facts = all_facts([file])
    assert facts.labels("Kiln 2", "Cooler") == ["clinker"] and not facts.labels("Cooler", "Kiln 2")
    assert facts.role("Kiln 2") == "burns the clinker" and facts.labels("AMF", "SMF") == ["N11"]
    only = Plots(facts, {"clouds": frozenset({"Cement plant"})})
    title, diagram = draw_diagram(random.Random(1), "cloud architecture", (5, 5), only)
    assert title == "Cement plant" and {n.label for n in diagram.nodes} >= {"Preheater", "Cooler"}
    assert "Cement plant" in plots_of_splits((str(file),), 0.0, 0.0)["train"].titles("clouds")
    done = CliRunner().invoke(command, [str(file), "--between", "Kiln 1", "Cooler"])
    assert done.exit_code == 0 and "clinker; from Kiln" in done.output


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("[sources]", "[[["), "no TOML"),
        (('source = "manual"', 'source = "rumour"'), "rumour"),
        (('to = "Cooler"', 'too = "Cooler"'), "'too'"),
        (('to = "Cooler"', 'carries = ["smoke"]'), "from"),
        (("[plots.clouds]", "[plots.weather]"), "weather"),
        (('names = ["Kiln *"]', "most = 0"), "part Kiln: `most`"),
        (("[parts.Kiln]", "[ovens.Kiln]"), "ovens"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(change: tuple[str, str], what: str) -> None:
    with pytest.raises(SettingsError, match=what):
        parse_facts(OWN.replace(*change), "cement.toml")


def test_the_command_checks_a_diagram_file(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.mmd", tmp_path / "bad.mmd"
    good.write_text("flowchart LR\n a[AMF] -->|N11| b[SMF]\n")
    bad.write_text("flowchart LR\n a[AMF] -->|N11| b[SMF]\n b -->|N2| c[PCF]\n c --> d[Teapot]\n")
    runner = CliRunner()
    kind = runner.invoke(command, ["--check", str(good)])
    assert kind.exit_code == 0 and "0 of 1 lines" in kind.output
    told = runner.invoke(command, ["--check", str(bad)], standalone_mode=False)
    assert told.return_value == 1 and "SMF -N2-> PCF" in told.output and "Teapot" in told.output


def test_frames_of_call_flows_are_those_of_the_plot() -> None:
    lines = (
        "== A",
        "X > Y: one",
        "[alt good",
        "X < Y: two",
        "[else bad",
        "X < Y: three",
        "]",
        "== B",
        "X: four",
    )
    found = procedure(lines)
    assert found.phases == {0: "A", 3: "B"} and found.frames == [("alt", "good", 1, 3, 2, "bad")]
    kinds = set()
    for i in range(200):
        _, diagram = callflow(random.Random(i), 40, Plots())
        for g in diagram.groups:
            kinds.add(g.kind)
            assert g.edges and max(g.edges) < len(diagram.edges)
        for note in diagram.placed_notes:
            assert note.at < len(diagram.edges) and set(note.over) <= {n.id for n in diagram.nodes}
    assert kinds == {"opt", "loop", "alt", "else"}


def test_other_outcomes_go_where_the_plot_says() -> None:
    only = Plots(only={"processes": frozenset({"Packet forwarding"})})
    for i in range(30):
        _, diagram = process(random.Random(i), 40, only)
        named = {n.id: n.label for n in diagram.nodes}
        after = {named[e.source]: named[e.target] for e in diagram.edges}
        assert after.get("Drop frame") in (None, "End", "Done", "STOP")
        assert after["Fragment packet"] == "Resolve next hop"


def test_held_out_plots_share_little_with_training() -> None:
    settings = SynthesisSettings(test=0.4, validation=0.0)
    pairs = []
    for i in range(150):
        made = draft(settings, i)
        if made:
            pairs.append(Pair(str(i), "", made.diagram, "", made.split, extra={"plot": made.plot}))
    held = {p.extra["plot"] for p in pairs if p.split == "test"}
    assert held and not held & {p.extra["plot"] for p in pairs if p.split == "train"}
    found = overlap(pairs, "test")
    assert found.figures > 30 and found.labels < 0.1 and found.lines < 0.02 and not found.twins


def test_near_twins_are_reported() -> None:
    nodes = tuple(Node(str(i), f"Step {i}") for i in range(6))
    edges = tuple(Edge(str(i), str(i + 1)) for i in range(5))
    one = Pair("a", "", Diagram(Kind.FLOWCHART, nodes, edges), "")
    twin = Pair("b", "", Diagram(Kind.FLOWCHART, nodes[:5], edges[:4]), "", "test")
    other = Pair("c", "", joined("AMF", "N11", "SMF"), "", "test")
    found = overlap([one, twin, other], "test")
    assert [t[:2] for t in found.twins] == [("b", "a")] and found.labels == pytest.approx(5 / 7)
