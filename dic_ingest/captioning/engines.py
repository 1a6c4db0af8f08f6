"""Engine names to captioners. Heavy engines are imported only when asked for."""

from __future__ import annotations

from dic_ingest.captioning.request import Captioner
from dic_ingest.errors import SettingsError

ENGINES = ("dic-small", "fake", "none")


def make_captioner(name: str = "dic-small") -> Captioner | None:
    """The captioner called `name`; None for "none" (figures keep their words and printed captions).

    Raises:
        SettingsError: no such engine.
    """
    if name == "dic-small":
        from dic_ingest.captioning.small import DicSmall

        return DicSmall()
    if name == "fake":
        from dic_ingest.captioning.fake import FakeCaptioner

        return FakeCaptioner()
    check_engine(name)
    return None


def check_engine(name: str) -> None:
    """Raise SettingsError unless there is an engine called `name`."""
    if name not in ENGINES:
        raise SettingsError(f"no engine called {name!r}. Choose one of: {', '.join(ENGINES)}.")
