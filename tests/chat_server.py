"""A server process that speaks the OpenAI chat protocol and misbehaves as it is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SERVER = """
import http.server, json, sys, time, zlib
plan = json.loads(sys.argv[1])  # status or behaviour of each request in turn; the last one repeats
seen = []
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def do_GET(self):
        self.send(int(sys.argv[2]), json.dumps(seen).encode())
    def send(self, status, body, headers=()):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for k, v in headers: self.send_header(k, v)
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        what = plan[min(len(seen), len(plan) - 1)]
        seen.append({"auth": self.headers.get("authorization"), "json": "response_format" in asked,
                     "model": asked["model"], "temperature": asked["temperature"],
                     "parts": [p["type"] for p in asked["messages"][1]["content"]], "at": time.time()})
        if what == "no json" and "response_format" in asked:
            return self.send(400, b'{"error": {"message": "response_format is not supported"}}')
        if isinstance(what, int):
            return self.send(what, b'{"error": {"message": "told to fail"}}', [("retry-after", "0")])
        if what == "slow": time.sleep(0.2)
        if what == "hang": time.sleep(30)
        if what == "garbage": return self.send(200, b"<html>not json</html>")
        if what == "nothing": return self.send(200, b'{"id": "x", "choices": []}')
        if what == "drop": self.connection.close(); return
        message = {"role": "assistant", "content": "Receive order leads to Check stock."}
        asked_of = json.dumps(asked["messages"]).encode()
        number = zlib.crc32(asked_of) % 100000  # tells one question from another
        read = number if what == "echo" else 70
        if what == "refuse": message = {"role": "assistant", "content": None, "refusal": "not this picture"}
        self.send(200, json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": message,
                         "finish_reason": "length" if what == "cut" else "stop"}],
            "usage": {"prompt_tokens": read, "completion_tokens": 9, "total_tokens": 79}}).encode())
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
"""


@contextmanager
def serving(*plan: object, get: int = 200) -> Iterator[str]:
    """A server; `plan` is for each request in turn, `get` the status of whatever is fetched."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, json.dumps(plan), str(get)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def seen(url: str) -> list[dict[str, object]]:
    import httpx

    found: list[dict[str, object]] = httpx.get(url).json()
    return found
