#!/usr/bin/python3
"""What an operator is told of a command, whatever the server behind it is."""

import json
import tempfile
import unittest
from pathlib import Path

from api_stub import ApiStub
from cli_test import run


class Operator(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.accounts = Path(self._folder.name) / "accounts"
        self.accounts.write_text("joe joes-password\nann\n")

    def test_a_warning_outlives_the_words_of_the_end(self):
        warning = "the old server does not take mail now; mxswitch rollback ... --to hold"
        with ApiStub({"detail": {"text": "forward in force", "warning": warning}}) as stub:
            code, out, _ = run("rollback", "shop.example", "--reason", "x", *stub.flags)
        self.assertEqual(code, 0)
        self.assertEqual(out, f"forward in force\nwarning: {warning}\n")

    def test_a_domain_is_asked_for_by_its_one_name(self):
        with ApiStub({"detail": {"text": "done"}}) as stub:
            for domain in ("Shop.Example", "SHOP.example.", "shop.example"):
                self.assertEqual(run("freeze", domain, "--reason", "x", *stub.flags)[0], 0)
            run("gates", "b\u00fccher.example", *stub.flags)
            code, _, err = run("freeze", "shop..example", "--reason", "x", *stub.flags)
        self.assertEqual({path for method, path, _ in stub.asked if method == "POST"},
                         {"/api/v1/switchovers/shop.example/commands"})
        self.assertIn("/xn--bcher-kva.example", stub.asked[-1][1])
        self.assertEqual(code, 2)
        self.assertIn("shop..example", err)

    def test_a_wait_ends_where_a_person_froze_it(self):
        text = "frozen since the rollback of 18:24:05Z by ann: mail for sales was missing"
        for state in ("forwarding", "propagating", "ready"):
            snapshot = {"state": state, "frozen": True, "freeze": {"text": text},
                        "plan_digest": "0123456789abcdef"}
            with ApiStub({"detail": {"text": "switched"}}, snapshot) as stub:
                code, _, err = run("switch", "shop.example", "--reason", "x", "--plan", "01234567",
                                   "--wait", *stub.flags)
            self.assertEqual(code, 3, err)
            self.assertIn(text, err)
            self.assertEqual([asked for asked in stub.asked if asked[0] == "POST"], [])

    def told(self, answer, *words, token=None):
        """What the command line makes of an answer of this status, these fields and this body."""
        environment = {"MXSWITCH_TOKEN": token} if token else {}
        with ApiStub({}, answer=answer) as stub:
            return run(*(words or ("gates", "shop.example")), *stub.flags, **environment)

    def problem(self, status, detail, **headers):
        body = json.dumps({"title": "A title", "status": status, "detail": detail}).encode()
        return status, {"Content-Type": "application/problem+json", **headers}, body

    def test_each_refusal_says_what_it_is_first_and_what_to_do(self):
        freeze = ("freeze", "shop.example", "--reason", "x")
        rows = [
            (self.problem(401, "x"), freeze, None, 1,
             r"^mxswitch: no token was given, and the server wants one; .*--token-file"),
            (self.problem(401, "x"), freeze, "abc", 1,
             r"^mxswitch: the server knows no such token \(the one of MXSWITCH_TOKEN\); "),
            (self.problem(403, "freeze needs the scope operate"), freeze, "abc", 1,
             r"^mxswitch: freeze needs the scope operate"),
            (self.problem(404, "shop.example has no plan here"), (), None, 2,
             r"^mxswitch: shop.example has no plan here"),
            (self.problem(409, "switching is under way"), freeze, "abc", 3,
             r"^mxswitch: switching is under way"),
            (self.problem(412, "the plan has changed"), freeze, "abc", 5,
             r"^mxswitch: the plan has changed"),
            (self.problem(421, "does not answer for the host x"), (), None, 2,
             r"^mxswitch: does not answer for the host x"),
            (self.problem(429, "too many", **{"Retry-After": "7"}), (), None, 1,
             r"^mxswitch: too many; try again in 7 s"),
            (self.problem(503, "busy"), (), None, 1, r"^mxswitch: busy; try again in a moment"),
            ((502, {}, b"<html>Bad Gateway</html>"), (), None, 1,
             r"^mxswitch: http://\S+ answers with status 502, and not as mxswitch does; .*proxy"),
            ((301, {"Location": "https://mx.example/"}, b""), (), None, 1,
             r"^mxswitch: http://\S+ sends elsewhere: to https://mx.example/; .*--server"),
            ((200, {}, b"hello"), ("gates", "shop.example", "--json"), None, 2,
             r"^mxswitch: what answers at http://\S+ is no mxswitch; .*--server"),
            ((200, {}, b"[1, 2]"), ("switch", "shop.example", "--reason", "x"), None, 2,
             r"^mxswitch: what answers at http://\S+ is no mxswitch"),
        ]
        for answer, words, token, code, pattern in rows:
            with self.subTest(answer=answer, token=token):
                got, out, err = self.told(answer, *words, token=token)
                self.assertRegex(err, pattern)
                self.assertEqual((got, out), (code, ""), err)

    def test_bytes_of_others_never_reach_the_terminal_raw(self):
        hostile = "a\x1b[2J\x1b]0;owned\x07\u009b31m\u202eb"
        detail = {"text": hostile, "warning": hostile,
                  "blocked_by": [{"gate": "relay", "verdict": "fail", "why": hostile}]}
        with ApiStub({"detail": detail}) as stub:
            out = run("freeze", "shop.example", "--reason", "x", *stub.flags)[1]
        err = self.told(self.problem(409, hostile))[2]
        for text in (out, err):
            self.assertIn("a?[2J", text)
            self.assertFalse(set("\x1b\x07\u009b\u202e") & set(text), repr(text))

    def load(self, on_default, *words):
        files = {"accounts": str(self.accounts), "aliases": ""}
        detail = {"text": "loaded", "on_default_password": on_default}
        with ApiStub({"detail": detail}, {"roster": {"files": files}}) as stub:
            code, out, err = run("roster", "load", "shop.example", *words, *stub.flags)
        self.assertEqual(code, 0, err)
        return out, stub.asked[-1][2]["arguments"]

    def test_the_default_password_is_told_of_new_accounts_alone_in_both_forms(self):
        self.assertEqual(self.load([])[0], "loaded\n")
        self.assertNotIn("default_password", json.loads(self.load([], "--json")[0]))
        out, sent = self.load(["ann"])
        self.assertRegex(out, r"1 new or reset account .*\(ann\) starts with this one")
        password = out.split()[-1]
        self.assertNotIn(password, json.dumps(sent))
        told = json.loads(self.load(["ann"], "--json")[0])["default_password"]
        self.assertEqual(told["accounts"], ["ann"])
        self.assertGreaterEqual(len(told["password"]), 12)

    def test_the_plans_files_are_taken_and_flags_are_sent(self):
        _, sent = self.load([], "--remove-missing", "--reset", "Joe")
        self.assertTrue(sent["remove_missing"])
        self.assertEqual({each["name"]: each["reset_password"]
                          for each in sent["roster"]["accounts"]}, {"joe": True, "ann": False})


if __name__ == "__main__":
    unittest.main(verbosity=2)
