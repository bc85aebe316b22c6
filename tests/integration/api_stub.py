"""A stand-in for `mxswitch serve`: keeps what the command line asks, and answers what it is told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ApiStub:
    """`snapshot` answers every GET; `operation` ends every command. `answer` (status, headers,
    body) is given to all instead."""

    def __init__(self, operation, snapshot=None, answer=None):
        self.asked = []  # (method, path, body)
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self, body):
                if answer is not None:
                    status, headers, text = answer
                    self.send_response(status)
                    for name, value in {"Content-Length": len(text), **headers}.items():
                        self.send_header(name, str(value))
                    self.end_headers()
                    self.wfile.write(text)
                    return
                text = json.dumps(body).encode()
                self.send_response(202 if self.command == "POST" else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self):
                stub.asked.append(("GET", self.path, None))
                self._answer(snapshot or {})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stub.asked.append(("POST", self.path, body))
                self._answer({"id": "1", "domain": "shop.example", "status": "done",
                              "exit_code": 0, "verb": body["verb"], **operation})

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.flags = ("--server", f"http://127.0.0.1:{self._server.server_port}")

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
