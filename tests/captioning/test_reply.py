"""Replies of models: filler, JSON, fences, refusals, loops, noise."""

from __future__ import annotations

import json

import pytest

from dic_ingest.captioning.grounding.reply import loops, read_reply

GRAPH = "flowchart TD\n  A[Login] --> B[Check]"


@pytest.mark.parametrize(
    "text",
    [
        f"Login leads to Check.\n```mermaid\n{GRAPH}\n```",
        f"Sure! Here is the description:\n\n**Caption:**\nLogin leads to Check.\n\n```mermaid\n{GRAPH}\n```\n"
        "Let me know if you need anything else!",
        json.dumps({"caption": "Login leads to Check.", "mermaid": GRAPH}),
        str({"caption": "Login leads to Check.", "mermaid": GRAPH}),
        "```json\n" + json.dumps({"caption": "Login leads to Check.", "mermaid": f"```mermaid\n{GRAPH}\n```"})
        + "\n```",
        f"<think>The picture has two boxes.</think>Login leads to Check.\n\n{GRAPH}\n",
        f"## Description\nLogin leads to **Check**.\n### Mermaid\n```\n{GRAPH}\n```<|im_end|>",
    ],
)  # fmt: skip
def test_caption_and_graph_of_a_usable_reply(text: str) -> None:
    reply = read_reply(text)
    assert (reply.fault, reply.caption) == ("", "Login leads to Check.")
    assert reply.diagram is not None and len(reply.diagram.edges) == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty"),
        ("  <|im_end|> ", "empty"),
        ("I'm sorry, but I can't help with that image.", "refused"),
        ("As an AI language model, I cannot see images.", "refused"),
        ("No image was provided, please attach one.", "refused"),
        ("A leads to B. " * 200, "loop"),
        ("- The box is connected to the box.\n" * 9, "loop"),
        ("%$#@ 0x88 {{{{ ]]]] 19:22 ^^^ ~~~~ 00 11", "garbage"),
        ("```mermaid\nflowchart TD\n```", "garbage"),
        ('{"title": "Orders", "steps": ["receive the order", "check the stock"]}', "garbage"),
        ("{'nodes': [{'id': 'a', 'label': 'Receive the order'}]}", "garbage"),
        ("[{'label': 'Receive the order'}]", "garbage"),
        ('{"caption": {"text": "Receive the order"}}', "garbage"),
    ],
)
def test_faults(text: str, fault: str) -> None:
    assert read_reply(text).fault == fault


def test_json_that_was_cut_off_is_still_read() -> None:
    whole = json.dumps({"caption": 'The "Login" leads to Check.', "mermaid": GRAPH})
    assert read_reply(whole[:-12]).caption == 'The "Login" leads to Check.'


def test_a_long_ordinary_text_is_no_loop() -> None:
    assert not loops(" ".join(f"Step {i} leads to step {i + 1}." for i in range(60)))


def test_a_figure_about_sorry_is_no_refusal() -> None:
    assert read_reply('The server returns "Sorry" to the client.').fault == ""


def test_of_a_cut_reply_the_last_half_sentence_is_left_out() -> None:
    assert read_reply("A leads to B. B leads to", cut=True).caption == "A leads to B."
    assert read_reply("A leads to", cut=True).fault == "empty"
