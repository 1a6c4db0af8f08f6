"""A routing rule of one's own between reading and describing: what is described, and what is left out.

    python examples/router_rule.py samples/telecom_report.pdf out

By kind alone, settings will do: `RoutingSettings(deny=frozenset({"chart"}))`. This rule looks at captions:
figures about a session are described, others keep words and crop, and wait for a person.
"""

import sys
from dataclasses import replace
from pathlib import Path

from dic_ingest import Figure, Settings, ingest
from dic_ingest.captioning.engines.small import DicSmall
from dic_ingest.model.document import Route
from dic_ingest.pipeline import describe_figures, figure_request, open_source


def rule(figure: Figure) -> Figure:
    """The figure with its route, changed where the caption does not speak of a session."""
    if figure.route is None or not figure.route.kept or "session" in figure.printed_caption.lower():
        return figure
    reason = f"not about a session; by the router it is: {figure.route.reason}"
    return replace(figure, route=Route("skipped", figure.route.kind, figure.route.score, reason))


def main(pdf: str, out: str) -> None:
    """Print where every figure went, and what was said of those that were kept."""
    settings = Settings(engine="none")
    document = ingest(pdf, settings, folder=Path(out)).replace_figures(rule)
    with open_source(pdf, settings) as source:
        document = describe_figures(document, DicSmall(), lambda f: figure_request(f, source, settings.crops))
    for figure in document.figures:
        route = figure.route
        print(f"{figure.label or 'no label'}: {route.route}, {route.reason}" if route else figure.label)
        if figure.description:
            print(f"  {figure.description.caption.splitlines()[0]}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
