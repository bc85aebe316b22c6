#!/usr/bin/python3
"""A node whose store is lost, empty or an older copy: 451 for what a peer knows, then as before."""

import shutil
import sys
import unittest
from pathlib import Path

import lab_runner
from lab_runner import until
from mail_lab import MailLab, skip_without_mail
from relay_api import DOMAIN, RelayApi, password_hash, roster, skip_without_relay


def setUpModule():
    skip_without_mail()
    skip_without_relay()


RCPT = ("import smtplib, sys\nclient = smtplib.SMTP(sys.argv[1])\nclient.ehlo()\n"
        "client.mail('a@outside.example')\ncode, text = client.rcpt(sys.argv[2])\n"
        "print(code, text.decode())")

SEND = ("import smtplib, sys\n"
        "smtplib.SMTP(sys.argv[1]).sendmail('a@outside.example', sys.argv[2], sys.argv[3])")


class Stores(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = MailLab()
        cls.addClassCleanup(cls.lab.__exit__)
        cls.facts = cls.lab.json("up")["mail"]
        cls.nodes = [RelayApi(cls.lab, each) for each in cls.facts["relays"]]
        for node, facts in zip(cls.nodes, cls.facts["relays"]):
            cls.addClassCleanup(node.close)
            node.create(f"smtp:[{cls.facts['old']['address']}]:25", facts["hosted"])
            node.load(roster())
            node.set_mode("hosted")
        cls.node, cls.relay, cls.peer = cls.nodes[0], *cls.facts["relays"]

    def agent(self, verb, relay):
        done = self.lab.run(verb, relay["agent"])
        self.assertEqual(done.returncode, 0, done.stderr)

    def stored(self):
        return sorted((self.lab.directory / "mail" / self.relay["agent"]).glob("agent.db*"))

    def lose(self):
        for path in self.stored():
            path.unlink()

    def rcpt(self, name, domain=DOMAIN):
        done = self.lab.run("exec", "--", sys.executable, "-c", RCPT, self.relay["address"],
                            f"{name}@{domain}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def refusals(self):
        log = self.lab.run("mail-log", self.relay["name"]).stdout
        return [line for line in log.splitlines()
                if f"@{DOMAIN}>" in line and "reject: RCPT" in line]

    def assert_waits_and_then(self, expected):
        """451 while the peer is silent; when it is back, what it knows, and mail in the mailbox."""
        self.assertRegex(self.rcpt("joe"), "^451 ")
        self.agent("start", self.peer)
        self.assertTrue(until(lambda: self.rcpt("joe").startswith("250"), 30))
        self.assertEqual({name: self.rcpt(name)[:3] for name in expected}, expected)
        self.assertEqual([line for line in self.refusals()[self.before:] if " 554 " in line], [])

    def setUp(self):
        self.before = len(self.refusals())

    def test_an_empty_store_with_a_silent_peer_refuses_nothing_for_good(self):
        self.agent("kill", self.relay)
        self.agent("kill", self.peer)
        self.lose()
        self.agent("start", self.relay)
        self.assertRegex(self.rcpt("x", "nobody-knows.example"), "^451 ")
        self.assert_waits_and_then({"joe": "250", "info": "250", "nobody": "550"})
        self.assertTrue(until(lambda: self.rcpt("x", "nobody-knows.example").startswith("554"), 30))

    def test_a_lost_store_is_taken_over_from_the_peer(self):
        self.agent("kill", self.relay)
        self.lose()
        self.agent("start", self.relay)
        self.assertTrue(until(lambda: self.rcpt("mary").startswith("250"), 30))
        for line in self.refusals()[self.before:]:
            self.assertRegex(line, r": 451 4\.3\.0 ")
        self.assertEqual(self.node.domain()["mode"], "hosted")
        self.assertEqual(self.node.domain()["generation"], self.nodes[1].domain()["generation"])
        done = self.lab.run("exec", "--", sys.executable, "-c", SEND, self.relay["address"],
                            f"mary@{DOMAIN}", "Subject: after a loss\n\nx")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.lab.arrived("mailbox", "mary", "after a loss"))

    def test_an_older_copy_is_brought_up_to_date(self):
        self.agent("kill", self.relay)
        copy = Path(self.lab.directory, "older")
        copy.mkdir()
        for path in self.stored():
            shutil.copy2(path, copy)
        self.agent("start", self.relay)
        later = roster()
        later["accounts"].append({"name": "later", "password_hash": password_hash("x")})
        for node in self.nodes:
            self.assertTrue(until(lambda node=node: node.answers(), 30))
            node.load(later)
        self.agent("kill", self.relay)
        self.lose()
        for path in copy.iterdir():
            shutil.copy2(path, self.stored_in())
        self.agent("start", self.relay)
        self.assertTrue(until(lambda: self.rcpt("later").startswith("250"), 30))
        for line in self.refusals()[self.before:]:
            self.assertRegex(line, r": 451 4\.3\.0 ")

    def stored_in(self):
        return self.lab.directory / "mail" / self.relay["agent"]


if __name__ == "__main__":
    lab_runner.main()
