"""A question to a folder of results: the answer, and the figure, crop, page and boxes that support it.

    dic-ingest run samples --out results
    python examples/answer_with_figures.py results "Which message follows the registration request?"

    export DIC_CHAT_URL=http://localhost:8000/v1 DIC_CHAT_MODEL=NAME    # a model; without one, what was found

With `dic-ingest index results` before, vectors and words are searched together; else words alone.
Needs for a model: pip install llama-index-llms-openai-like
"""

import json
import os
import sys
from pathlib import Path

from llama_index.core.base.response.schema import RESPONSE_TYPE
from llama_index.core.llms import LLM, MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import get_response_synthesizer

from dic_ingest import DICRetriever
from dic_ingest.index.search import search_modes


def chat_model() -> LLM:
    """The model behind DIC_CHAT_URL; without one, a stand-in that repeats what it was given."""
    if not os.environ.get("DIC_CHAT_URL"):
        return MockLLM()
    from llama_index.llms.openai_like import OpenAILike  # type: ignore[import-not-found,unused-ignore]

    return OpenAILike(
        model=os.environ["DIC_CHAT_MODEL"],
        api_base=os.environ["DIC_CHAT_URL"],
        api_key=os.environ.get("DIC_CHAT_KEY", "none"),
        is_chat_model=True,
    )


def ask(results: Path, question: str) -> RESPONSE_TYPE:
    """LlamaIndex's answer with its sources."""
    retriever = DICRetriever(results, mode=search_modes(results)[0], top_k=3)
    writer = get_response_synthesizer(llm=chat_model(), response_mode="compact")  # type: ignore[arg-type,unused-ignore]
    return RetrieverQueryEngine(retriever, writer).query(question)


def main(results: str, question: str) -> None:
    """Print the answer, then each source with its place."""
    answer = ask(Path(results), question)
    if os.environ.get("DIC_CHAT_URL"):
        print(answer, "\n")
    for number, source in enumerate(answer.source_nodes, 1):
        known = source.node.metadata
        print(f"[{number}] {known['file_name']}, page {known['page']}, {known.get('figure_label', '')}")
        print(f"    box {known['bbox']}; inspector: {known['dic_document']}.html#{known['dic_anchor']}")
        if known.get("image_path"):
            print(f"    crop {known['image_path']}")
        for part in json.loads(known.get("dic_support", "[]")):
            name = part["label"] or f"{part['source']} to {part['target']}"
            print(f"    {part['type']} {name!r} at {part['box']}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
