"""Token estimates against the tokenizer that LlamaIndex counts with; texts cut to size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.utils import get_tokenizer

from dic_ingest.nodes.splitting import pack, shorten, split_text, tokens

TEXTS = {
    "prose": "The user equipment sends a registration request to the access and mobility function. " * 20,
    "signalling": "S1-AP: INITIAL UE MESSAGE (Attach Request, TAI). AMF -> SMF: Nsmf_PDUSession_Create. "
    * 20,
    "numbers": "eNB 0x3F2A:88 on port 36412 at 10.12.0.254/24, TEID 0x9c3e1142 and 17.5 ms. " * 20,
    "chinese": "终端向基站发送注册请求，核心网返回鉴权响应。" * 20,
    "long words": "getAuthenticationVectorFromHomeServer Verbindungsaufbauanfrage reestablishment " * 20,
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_estimate_is_near_the_tokenizer(name: str) -> None:
    real = len(get_tokenizer()(TEXTS[name]))
    assert 0.8 * real <= tokens(TEXTS[name]) <= 1.6 * real


@pytest.mark.parametrize("name", TEXTS)
def test_pieces_fit_and_lose_nothing(name: str) -> None:
    pieces = split_text(TEXTS[name], 100)
    assert all(tokens(p) <= 100 for p in pieces)
    assert "".join("".join(pieces).split()) == "".join(TEXTS[name].split())
    sizes = [tokens(p) for p in pieces]
    assert min(sizes) > 0.4 * max(sizes)


@pytest.mark.parametrize("name", TEXTS)
def test_a_shortened_text_fits_and_begins_as_the_text_does(name: str) -> None:
    short = shorten(TEXTS[name], 40)
    assert tokens(short) <= 40
    assert TEXTS[name].startswith(short.removesuffix(" …"))
    assert len(short) > 20


def test_short_texts_stay_and_blank_ones_are_blank() -> None:
    assert shorten("One.\n Two.", 40) == "One. Two."
    assert shorten(" ", 40) == ""


def test_lines_are_kept_whole_where_there_are_lines() -> None:
    lines = [f'- "Step {i}: check. Then go" leads to "Step {i + 1}".' for i in range(40)]
    pieces = split_text("\n".join(lines), 100)
    assert [line for p in pieces for line in p.splitlines()] == lines


def test_cuts_fall_between_sentences() -> None:
    pieces = split_text("One two three four five six. " * 40, 64)
    assert all(p.endswith("six.") for p in pieces)


@given(st.text(max_size=400), st.integers(min_value=1, max_value=40))
def test_any_text_is_cut_without_loss(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(tokens(p) <= limit for p in pieces)


def test_a_piece_over_the_limit_stands_alone() -> None:
    assert pack(["one", "two " * 50, "three"], 10) == [["one"], ["two " * 50], ["three"]]
    assert pack([], 10) == []
