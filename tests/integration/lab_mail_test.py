#!/usr/bin/python3
"""The mail half of the lab on its real servers: who takes which mail, and where it ends."""

import subprocess
import sys
import time
import unittest
from pathlib import Path

import lab_runner
from lab_runner import until
from mail_lab import MailLab, skip_without_mail


def setUpModule():
    skip_without_mail()


class OldWorld(unittest.TestCase):
    """Before anything was moved: the outside, the old server, the webhook."""

    @classmethod
    def setUpClass(cls):
        cls.lab = MailLab()
        cls.addClassCleanup(cls.lab.__exit__)
        cls.untouched = cls.etc_postfix()
        cls.facts = cls.lab.json("up", "--without-relays")["mail"]

    @staticmethod
    def etc_postfix():
        return {each: each.stat().st_mtime_ns for each in Path("/etc/postfix").rglob("*")}

    def test_mail_follows_the_mx_to_the_old_server(self):
        self.lab.send("joe@shop.example", "by MX")
        self.assertTrue(self.lab.arrived("old-mailbox", "joe", "by MX"))

    def test_one_message_to_aliases_of_one_person_arrives_once(self):
        self.lab.send("info@shop.example,merry@shop.example,mary@shop.example", "once")
        self.assertTrue(self.lab.arrived("old-mailbox", "mary", "once"))
        self.assertEqual(self.lab.subjects("old-mailbox", "mary").count("once"), 1)

    def test_the_old_server_rejects_a_name_that_it_does_not_know(self):
        self.lab.send("nobody@shop.example", "to nobody")
        self.assertTrue(self.lab.logged("old", "550 5.1.1 <nobody@shop.example>"))

    def test_anybody_outside_gets_mail(self):
        self.lab.send("dan@yahoo.com", "outward")
        self.assertTrue(until(lambda: "outward" in self.lab.outside("dan@yahoo.com")))

    def test_the_old_server_is_no_open_relay(self):
        dialogue = ("import smtplib\n"
                    f"client = smtplib.SMTP('{self.facts['old']['address']}', 25, "
                    f"source_address=('{self.facts['outside']['address']}', 0))\n"
                    "client.ehlo(); client.mail('a@outside.example')\n"
                    "print(client.rcpt('b@elsewhere.example')[0])\n")
        done = self.lab.run("exec", sys.executable, "-c", dialogue)
        self.assertEqual(done.stdout.strip(), "554", done.stderr)

    def test_the_webhook_writes_requests_down(self):
        self.lab.run("exec", "curl", "-s", "--data", '{"state":"READY"}',
                     self.facts["webhook"]["url"])
        self.assertIn({"state": "READY"},
                      [each["body"] for each in self.lab.json("sink")["webhook"]])

    def test_mail_waits_for_a_server_that_is_down_and_then_arrives(self):
        self.lab.run("kill", "old")
        self.lab.send("jane@shop.example", "patience")
        self.assertTrue(self.lab.logged("outside", "Connection refused"))
        self.assertNotIn("patience", self.lab.subjects("old-mailbox", "jane"))
        self.lab.run("start", "old")
        self.assertTrue(self.lab.arrived("old-mailbox", "jane", "patience", 30))

    def test_a_burst_keeps_its_rate_and_loses_nothing(self):
        begun = time.monotonic()
        sent = self.lab.send("joe@shop.example", "burst", "--count", "200", "--rate", "200")
        self.assertLess(time.monotonic() - begun, 10)
        self.assertTrue(all(each["accepted"] for each in sent))
        self.assertTrue(until(lambda: sum(each.startswith("burst ") for each in
                                          self.lab.subjects("old-mailbox", "joe")) == 200, 30))

    def test_the_machines_own_postfix_is_untouched(self):
        self.assertEqual(self.etc_postfix(), self.untouched)

    def test_a_port_inside_is_reached_from_the_host(self):
        page = self.lab.directory / "page"
        page.mkdir()
        (page / "index.html").write_text("from inside")
        inside = subprocess.Popen(self.lab.arguments(
            "exec", sys.executable, "-m", "http.server", "18053", "--bind", "127.0.0.1",
            "--directory", page), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(inside.wait)
        self.addCleanup(inside.terminate)
        self.assertEqual(self.lab.run("forward", "18053").returncode, 0)
        self.assertTrue(until(lambda: "from inside" in subprocess.run(
            ["curl", "-s", "http://127.0.0.1:18053/"], capture_output=True, text=True).stdout))


class Life(unittest.TestCase):
    """A lab with mail ends as clean as one without."""

    def test_down_leaves_no_mail_server_behind(self):
        with MailLab() as lab:
            lab.json("up", "--without-relays")
            lab.run("down")
            self.assertEqual(lab.leftovers(), [])

    def test_a_missing_relay_program_is_named_before_anything_starts(self):
        with MailLab() as lab:
            done = lab.run("up", "--programs", "/nonexistent")
            self.assertEqual(done.returncode, 1)
            self.assertIn("/nonexistent/mxswitch-relay", done.stderr)
            self.assertEqual(lab.leftovers(), [])


if __name__ == "__main__":
    lab_runner.main()
