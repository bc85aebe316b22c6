#!/usr/bin/python3
"""A webhook receiver: every request becomes one JSON line of a file.

Usage: webhook_sink.py ADDRESS PORT FILE
"""

import json
import sys
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LONGEST_BODY = 1 << 20


def _value(text):
    """A JSON body as what it says, any other as its text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


class Sink(BaseHTTPRequestHandler):
    """Answers 204 to any POST after it was written down, 200 to a GET (is it alive?)."""

    file = None
    lock = threading.Lock()

    def do_GET(self):
        self._answer(200, b"ok\n")

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > LONGEST_BODY:
            self._answer(413)
            return
        self._write_down({"at": datetime.now(timezone.utc).isoformat(), "path": self.path,
                          "headers": dict(self.headers),
                          "body": _value(self.rfile.read(length).decode("utf-8", "replace"))})
        self._answer(204)

    def _write_down(self, request):
        with self.lock:
            self.file.write(json.dumps(request) + "\n")
            self.file.flush()

    def _answer(self, code, body=b""):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    address, port, path = sys.argv[1:]
    with open(path, "a", encoding="utf-8") as Sink.file:
        ThreadingHTTPServer((address, int(port)), Sink).serve_forever()


if __name__ == "__main__":
    main()
