"""Text as search terms: compounds, identifiers and scripts without spaces."""

from __future__ import annotations

import pytest

from dic_ingest.text.search_terms import search_terms


@pytest.mark.parametrize(
    ("text", "indexed", "asked"),
    [
        ("The N2 link", ["the", "n2", "link"], ["the", "n2", "link"]),
        ("5GMM-REGISTERED", ["5gmm", "gmm", "registered", "regist", "5gmmregistered"], None),
        ("SessionManager", ["sessionmanager", "sessionmanag", "session", "manager", "manag"], None),
        ("HTTPServer", ["httpserver", "http", "server"], ["httpserver"]),
        (
            "on_ping leads",
            ["on", "ping", "onping", "leads", "lead"],
            ["on", "ping", "onping", "leads", "lead"],
        ),
        ("a/b/c/d/e/f/g", list("abcdefg"), list("abcdefg")),
        ("Ger\u00e4t \u00dcBER", ["ger\u00e4t", "\u00fcber"], ["ger\u00e4t", "\u00fcber"]),
        ("\uff21\uff2d\uff26", ["amf"], ["amf"]),
        ("?!", [], []),
    ],
)
def test_words_and_identifiers(text: str, indexed: list[str], asked: list[str] | None) -> None:
    assert search_terms(text) == indexed
    given = search_terms(text, query=True)
    assert given == asked if asked is not None else set(given) <= set(indexed)


def test_scripts_without_spaces_give_bigrams() -> None:
    first, second, third = "\u7ee7\u7535\u5668"
    word, state = first + second + third, "\u306e\u72b6\u614b"
    assert search_terms(word, query=True) == [first + second, second + third]
    assert set(search_terms(word)) == {first, second, third, first + second, second + third}
    assert search_terms(third, query=True) == [third]
    assert search_terms("AMF" + state, query=True) == ["amf", state[:2], state[1:], "amf" + state]
