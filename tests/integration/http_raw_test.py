#!/usr/bin/python3
"""Hostile bytes at the ports of both programs, without a token: each is answered or cut, and the
program answers the next request."""

import os
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

PROGRAMS = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin"))
PATIENCE = 25  # beyond the 20 s that a request may take
HOST = "Host: localhost\r\n"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def say(port, data, finish=False):
    """What comes back until the other side ends; `finish`: we end our side first."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as link:
        got = b""
        try:
            link.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
            if finish:
                link.shutdown(socket.SHUT_WR)
            while more := link.recv(65536):
                got += more
        except ConnectionError:
            pass
        return got.decode("latin-1")


def get(path, fields="", version="HTTP/1.1"):
    return f"GET {path} {version}\r\n{HOST}{fields}\r\n"


def ranges(parts):
    return "Range: bytes=" + ",".join(["0-1"] * parts) + "\r\n"


# (what, bytes, how the answer's status begins; "": it may be cut)
ATTACKS = [
    *[(f"{size} octets of path, {piece}", get("/" + piece * (size // len(piece))), "414")
      for size in (600, 2000, 8000, 8150, 60000) for piece in ("a", "%41", "%2F", "a/", "/.")],
    ("a path without end", "GET /" + "a" * 9000, "414"),
    ("a query without end", "GET /?" + "a" * 9000, "414"),
    ("a known path, long", get("/d/" + "a" * 509), "4"),
    *[(f"{parts} ranges", get("/livez", ranges(parts)), "") for parts in (2, 1000, 1900, 10000)],
    ("an odd range", get("/livez", "Range: bytes=" + "9" * 7000 + "-\r\n"), ""),
    ("an endless range", get("/livez", "Range: bytes=-\r\n"), ""),
    ("expect", get("/livez", "Expect: 100-continue\r\n"), ""),
    ("expect something", get("/livez", "Expect: tea\r\n"), "417"),
    ("multipart", "POST / HTTP/1.1\r\n" + HOST + "Content-Type: multipart/form-data; boundary=" +
     "b" * 70 + "\r\nContent-Length: 5\r\n\r\n--b\r\n", "415"),
    ("multipart without boundary", "POST / HTTP/1.1\r\n" + HOST +
     "Content-Type: multipart/form-data\r\nContent-Length: 5\r\n\r\n--b\r\n", "415"),
    ("bare line ends", "GET /livez HTTP/1.1\nHost: localhost\n\n", "400"),
    ("bare returns", "GET /livez HTTP/1.1\rHost: localhost\r\r", "400"),
    ("a folded field", get("/livez", "X: a\r\n\tb\r\n"), "400"),
    ("two hosts", get("/livez", HOST), "400"),
    ("no host", "GET /livez HTTP/1.1\r\n\r\n", "400"),
    ("two lengths", get("/livez", "Content-Length: 1\r\nContent-Length: 1\r\n") + "x", "400"),
    ("a list of lengths", get("/livez", "Content-Length: 1, 1\r\n") + "x", "400"),
    ("a negative length", get("/livez", "Content-Length: -1\r\n"), "400"),
    ("a huge length", get("/livez", "Content-Length: 999999999999\r\n"), "413"),
    ("chunks", get("/livez", "Transfer-Encoding: chunked\r\n") + "fffffffffffffffff\r\n", "411"),
    ("chunks and a length",
     get("/livez", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n") + "0\r\n\r\n", "400"),
    ("an absolute target", get("http://localhost/livez"), ""),
    ("a foreign scheme", get("file:///etc/passwd"), "400"),
    ("a user in the target", get("http://a:b@localhost/livez"), "400"),
    ("connect", "CONNECT localhost:25 HTTP/1.1\r\n" + HOST + "\r\n", "501"),
    ("an unknown method", "BREW / HTTP/1.1\r\n" + HOST + "\r\n", "501"),
    ("another version", get("/livez", version="HTTP/3.0"), "505"),
    ("5,000 fields", get("/livez", "".join(f"X-{i}: 1\r\n" for i in range(5000))), "431"),
    ("a field without end", "GET /livez HTTP/1.1\r\nX: " + "a" * 100000, "431"),
    ("a compressed body", get("/livez", "Content-Encoding: gzip\r\nContent-Length: 2\r\n") + "xx",
     "415"),
    ("a broken escape", get("/d/%zz"), "400"),
    ("a NUL in the path", get("/d/%00"), "400"),
    ("a path up", get("/d/../../etc/passwd"), "404"),
    ("raw octets in the path", get("/d/gr\xfc\xdf"), "400"),
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 4, "400"),
    ("nothing but line ends", "\r\n" * 4000, "400"),
    ("NUL octets", b"\0" * 100000, "4"),
]


class Attacked:
    """The cases; a class below says what is attacked."""

    process, port, well = None, 0, ""

    def test_each_is_answered_and_the_next_request_too(self):
        for what, data, status in ATTACKS:
            with self.subTest(what):
                began = time.monotonic()
                answer = say(self.port, data)
                self.assertLess(time.monotonic() - began, 10, "it held the connection")
                self.assertRegex(answer[:300], rf"\AHTTP/1\.1 ({status}|100)")
                self.assertIsNone(self.process.poll(), "the program ended")
                self.assertIn(" 200 ", say(self.port, get(self.well)))

    def test_a_slow_request_ends(self):
        began = time.monotonic()
        say(self.port, "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1000\r\n\r\nslow")
        self.assertLess(time.monotonic() - began, PATIENCE)
        self.assertIn(" 200 ", say(self.port, get(self.well)))

    def test_many_at_once_that_say_nothing(self):
        silent = [socket.create_connection(("127.0.0.1", self.port), 5) for _ in range(8)]
        try:
            self.assertIn(" 200 ", say(self.port, get(self.well)))
        finally:
            for link in silent:
                link.close()


def begin(case, program, name, config):
    folder = tempfile.TemporaryDirectory()
    case.addClassCleanup(folder.cleanup)
    case.port = free_port()
    path = Path(folder.name) / name
    path.write_text(config.format(folder=folder.name, port=case.port, other=free_port(),
                                  third=free_port(), fourth=free_port()))
    token = Path(folder.name) / "token"
    token.write_text("0123456789abcdef0123456789abcdef\n")
    token.chmod(0o600)
    (Path(folder.name) / "mail.log").write_text("")
    case.process = subprocess.Popen([PROGRAMS / program, "serve", "--config", path],
                                    stderr=subprocess.PIPE)
    case.addClassCleanup(case.process.communicate)
    case.addClassCleanup(case.process.terminate)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", case.port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{program} does not listen")


class Daemon(Attacked, unittest.TestCase):
    well = "/livez"

    @classmethod
    def setUpClass(cls):
        begin(cls, "mxswitch", "mxswitch.toml",
              'store = "sqlite:{folder}/x.db"\n[server]\nlisten = "127.0.0.1:{port}"\n')


class Agent(Attacked, unittest.TestCase):
    well = "/v1/health"

    @classmethod
    def setUpClass(cls):
        begin(cls, "mxswitch-relay", "mxswitch-relay.toml", AGENT)


AGENT = """node = "a"
listen = "127.0.0.1:{port}"
token_file = "{folder}/token"
store = "sqlite:{folder}/agent.db"
addresses = ["192.0.2.1"]
postmaster = "postmaster@filter.example"
[postfix]
socketmap = "127.0.0.1:{other}"
policy = "127.0.0.1:{third}"
mail_log = "{folder}/mail.log"
"""

if __name__ == "__main__":
    unittest.main(verbosity=2)
