#!/usr/bin/python3
"""What a terminal of a size shows of a real daemon, and what a pipe gets of it."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from cli_test import NEW_MX, PROGRAMS, run
from terminal import Terminal

COLOUR = re.compile(r"\x1b\[[0-9]+m")
HOSTILE = "moved by\x1b[2J\x1b]0;owned\x07 ann\u009b31m"
LONG = "moved by ann " + "and so on " * 20 + "to the end"


class Views(unittest.TestCase):
    """One domain, watched through forty resolvers at loopback of which none answers."""

    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.folder = Path(cls._folder.name)
        with socket.create_server(("127.0.0.1", 0)) as held:
            cls.port = held.getsockname()[1]
        rows = "".join(f"127.0.1.{n}:9,Operator {n},Name {n}\n" for n in range(1, 41))
        (cls.folder / "resolvers.csv").write_text("address,operator,name\n" + rows)
        (cls.folder / "token").write_text("secret\n")
        (cls.folder / "token").chmod(0o600)
        (cls.folder / "mxswitch.toml").write_text(
            f'store = "sqlite:{cls.folder}/x.db"\n'
            f'[server]\nlisten = "127.0.0.1:{cls.port}"\n'
            f'token = [{{ name = "ann", file = "{cls.folder}/token", scopes = ["read", "operate"] }}]\n'
            f'[dns]\nresolvers = "{cls.folder}/resolvers.csv"\ndot = false\n')
        (cls.folder / "shop.toml").write_text(
            f'domain = "shop.example"\n[mx]\nnew = ["{NEW_MX}"]\nold = ["10 mail.shop.example"]\n'
            '[contact]\nexternal = ["ann@elsewhere.example"]\n')
        cls.environment = {"MXSWITCH_SERVER": f"http://127.0.0.1:{cls.port}",
                           "MXSWITCH_TOKEN_FILE": str(cls.folder / "token")}
        cls.daemon = subprocess.Popen([PROGRAMS / "mxswitch", "serve", "--config",
                                       cls.folder / "mxswitch.toml"], stderr=subprocess.PIPE,
                                      text=True)
        cls.addClassCleanup(cls._folder.cleanup)
        cls.addClassCleanup(cls.daemon.communicate, timeout=30)
        cls.addClassCleanup(cls.daemon.send_signal, signal.SIGINT)
        while "serving" not in cls.daemon.stderr.readline():
            assert cls.daemon.poll() is None, "mxswitch serve ended"
        code, out, err = cls.told("plan", "apply", cls.folder / "shop.toml")
        assert code == 0, out + err
        code, out, err = cls.told("freeze", "shop.example", "--reason", LONG)
        assert code == 0, out + err

    @classmethod
    def told(cls, *words):
        return run(*words, **cls.environment)

    def shown(self, *words, rows=24, columns=80, **environment):
        terminal = Terminal(PROGRAMS / "mxswitch", *words, rows=rows, columns=columns,
                            **self.environment, **environment)
        self.addCleanup(terminal.close)
        code, text = terminal.end()
        self.assertEqual(code, 0, text)
        return COLOUR.sub("", text)

    def test_status_fits_the_terminal_with_the_answer_on_top(self):
        for rows, columns in ((24, 80), (40, 120), (24, 132)):
            with self.subTest(rows=rows, columns=columns):
                text = self.shown("status", "shop.example", rows=rows, columns=columns)
                lines = text.rstrip("\n").split("\n")
                self.assertLess(len(lines), rows, text)
                self.assertLessEqual(max(map(len, lines)), columns, text)
                self.assertRegex(lines[0], "^shop.example")
                self.assertRegex("\n".join(lines[:4]), "(?m)^State .*(?:frozen|waits)")
                self.assertRegex(text, r"(?m)^\+\d+ more: mxswitch status shop.example --all$")
        whole = self.shown("status", "shop.example", "--all")
        self.assertIn("Name 40", whole)

    def test_the_size_is_what_the_environment_says_or_the_terminal_or_80_by_24(self):
        for size, environment, columns in (((24, 100), {}, 100), ((24, 100), {"COLUMNS": "60"}, 60),
                                           ((0, 0), {}, 80)):
            text = self.shown("gates", "shop.example", rows=size[0], columns=size[1], **environment)
            widest = max(map(len, text.split("\n")))
            self.assertTrue(columns - 25 < widest <= columns, f"{widest} of {columns}: {text}")
        lines = self.shown("status", "shop.example", rows=0, columns=0).rstrip("\n").split("\n")
        self.assertLess(len(lines), 24)

    def test_no_reason_is_cut_neither_in_a_pipe_nor_at_a_terminal(self):
        facts = json.loads(self.told("gates", "shop.example", "--json")[1])
        reasons = [gate["why"] for gate in facts["gates"]]
        pipe = self.told("gates", "shop.example")[1]
        self.assertGreater(len(reasons), 8)
        for why in reasons:
            self.assertTrue(any(line.endswith(why) for line in pipe.splitlines()), why + pipe)
        for columns in (80, 200):
            joined = " ".join(self.shown("gates", "shop.example", columns=columns).split())
            for why in reasons:
                self.assertIn(" ".join(why.split()), joined)
        for text in (self.told("history", "shop.example")[1], self.shown("history", "shop.example")):
            self.assertIn("and so on to the end", " ".join(text.split()))
        status = self.told("status", "shop.example")[1]
        self.assertIn("Name 40", status)
        self.assertNotIn("more: ", status)
        self.assertNotIn("…", status + pipe)

    def test_no_escape_sequence_of_a_reason_reaches_a_terminal(self):
        for words in (("status", "shop.example"), ("history", "shop.example"),
                      ("status", "shop.example", "--all"), ("gates", "shop.example"), ("status",)):
            for text in (self.told(*words)[1], self.shown(*words)):
                self.assertFalse(set("\x1b\x07\u009b") & set(text), f"{words}: {text!r}")

    def test_a_reason_with_an_escape_sequence_is_refused_and_not_shown_raw(self):
        code, out, err = self.told("unfreeze", "shop.example", "--reason", HOSTILE)
        self.assertEqual(code, 2, out + err)
        self.assertIn("control character", err)
        self.assertFalse(set("\x1b\x07\u009b") & set(out + err), err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
