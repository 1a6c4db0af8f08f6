"""Text as search terms: compounds, identifiers and scripts without spaces."""

from __future__ import annotations

import pytest

from dic_ingest.text.search_terms import search_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The N2 link", ["the", "n2", "n", "2", "link"]),
        ("5GMM-REGISTERED", ["5gmm", "5", "gmm", "registered", "5gmmregistered"]),
        ("SessionManager", ["sessionmanager", "session", "manager"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("on_ping", ["on", "ping", "onping"]),
        ("a/b/c/d/e/f/g", ["a", "b", "c", "d", "e", "f", "g"]),
        ("Gerät ÜBER", ["gerät", "über"]),
        ("\uff21\uff2d\uff26", ["amf"]),
        ("?!", []),
    ],
)
def test_words_and_identifiers(text: str, terms: list[str]) -> None:
    assert search_terms(text) == terms


def test_scripts_without_spaces_give_bigrams() -> None:
    first, second, third = "\u7ee7\u7535\u5668"
    word, state = first + second + third, "\u306e\u72b6\u614b"
    assert search_terms(word, query=True) == [first + second, second + third]
    assert set(search_terms(word)) == {first, second, third, first + second, second + third}
    assert search_terms(third, query=True) == [third]
    assert search_terms("AMF" + state, query=True) == ["amf", state[:2], state[1:], "amf" + state]
