"""The sample report described by every engine, side by side in one page: compare_engines.py FOLDER

`endpoint` asks a server in this process that stands for a model with known habits: it tells the graph of its
prompt with one fault in it, and speaks the servers' protocol. `local` is a tiny model with random weights,
whose words are noise: what is then seen is the way back to the exact description. No model's quality shows.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from dic_ingest.captioning.grounding.faults import FAULTS, INSTRUCTIONS
from dic_ingest.sources.diagram_files.languages.mermaid.read import read_mermaid

ROOT = Path(__file__).resolve().parents[1]
GRAPH = re.compile(r'^"graph read by a program[^"]*": (".*")$', re.MULTILINE)


def answer(prompt: str) -> str:
    """A caption of the graph in the prompt with one fault; without a graph something invented."""
    found = GRAPH.search(prompt)
    diagram = read_mermaid(json.loads(found[1])) if found else None
    if diagram is None:
        caption = 'The figure shows a cluster of servers behind the "Frontier Proxy".'
        return json.dumps({"caption": caption, "mermaid": ""})
    source = random.Random(prompt)
    wrong = [f for fault in FAULTS.values() if (f := fault(diagram, source)) is not None]
    told = source.choice(wrong) if wrong else diagram
    caption = f"Sure! Here is the caption:\n{told.to_text()} {source.choice(INSTRUCTIONS)}"
    return json.dumps({"caption": caption, "mermaid": told.to_mermaid()})


class Server(BaseHTTPRequestHandler):
    """As much of the protocol as one chat completion needs."""

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        """One completion."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt = asked["messages"][1]["content"][-1]["text"]
        text = answer(prompt)
        used = {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(text) // 4}
        used["total_tokens"] = sum(used.values())
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        reply = {"id": "1", "object": "chat.completion", "created": 0, "model": "faulty", "choices": [choice]}
        body = json.dumps({**reply, "usage": used}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def run(out: Path, engine: str, *options: str) -> None:
    """The report into `out/engine`."""
    chosen = [part for option in options for part in ("--engine-option", option)]
    command = [sys.executable, "-m", "dic_ingest", "run", str(ROOT / "samples" / "telecom_report.pdf")]
    subprocess.run([*command, "--out", str(out / engine), "--engine", engine, "--quiet", *chosen], check=True)


def main(out: Path) -> None:
    """Every engine that is installed, then the page."""
    out.mkdir(parents=True, exist_ok=True)
    done = ["dic-small"]
    run(out, "dic-small")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        run(out, "endpoint", f"url=http://127.0.0.1:{server.server_address[1]}/v1", "model=faulty")
        done.append("endpoint")
    except subprocess.CalledProcessError:
        print("endpoint: not shown, see above", file=sys.stderr)
    finally:
        server.shutdown()
    try:
        sys.path.insert(0, str(ROOT / "tests" / "captioning"))
        from tiny_models import qwen

        run(out, "local", f"model={qwen(out / 'tiny-model')}", "max_tokens=48")
        done.append("local")
    except (ImportError, subprocess.CalledProcessError) as error:
        print(f"local: not shown ({type(error).__name__}: the extra vlm?)", file=sys.stderr)
    page = ["compare", *(str(out / name) for name in done), "--out", str(out / "engines.html")]
    subprocess.run([sys.executable, "-m", "dic_ingest", *page], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
