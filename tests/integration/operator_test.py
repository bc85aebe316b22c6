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
