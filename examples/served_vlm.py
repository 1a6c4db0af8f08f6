"""Captions by a vision-language model behind an OpenAI-compatible server, held against the drawing.

    vllm serve Qwen/Qwen2.5-VL-7B-Instruct          # or llama.cpp, Ollama
    python examples/served_vlm.py http://localhost:8000/v1 Qwen/Qwen2.5-VL-7B-Instruct samples/flowchart.pdf

A key goes into the environment variable DIC_ENDPOINT_KEY. Needs: pip install '.[endpoint]'
"""

import sys

from dic_ingest import Settings, ingest


def main(url: str, model: str, file: str) -> None:
    """Print each caption with what became of the model's sentences."""
    options = {"url": url, "model": model, "concurrency": 4}
    for figure in ingest(file, Settings(engine="endpoint", engine_options=options)).figures:
        if not figure.description:
            continue
        said = figure.description
        print(f"{figure.label} by {said.engine} {said.model}:\n{said.caption}")
        if said.evidence:
            review = ", needs review" if said.evidence.needs_review else ""
            print(f"supported {said.evidence.precision:.0%}, words told {said.evidence.recall:.0%}{review}")
            for sentence in said.evidence.unsupported:
                print(f"nothing in the drawing supports: {sentence}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
