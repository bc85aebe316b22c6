#!/usr/bin/python3
"""Relay nodes and hosted server in the lab, steered by the control API: every mode, every name."""

import sys
import unittest

import lab_runner
from lab_runner import until
from mail_lab import MailLab, skip_without_mail
from relay_api import DOMAIN, RelayApi, roster, skip_without_relay

NEW_MX = "10 mx1.filter.example, 20 mx2.filter.example"


def setUpModule():
    skip_without_mail()
    skip_without_relay()


def smtp(script):
    """A dialogue in Python with `client` at node `address`; prints what the test compares."""
    return f"import smtplib, sys\nclient = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))\n{script}"


class MovedWorld(unittest.TestCase):
    """The MX leads to the relay; each test sets the mode that it is about."""

    @classmethod
    def setUpClass(cls):
        cls.lab = MailLab()
        cls.addClassCleanup(cls.lab.__exit__)
        cls.facts = cls.lab.json("up")["mail"]
        cls.lab.run("set-mx", NEW_MX)
        cls.lab.run("sync-secondary")
        cls.nodes = [RelayApi(cls.lab, each) for each in cls.facts["relays"]]
        for node, facts in zip(cls.nodes, cls.facts["relays"]):
            cls.addClassCleanup(node.close)
            node.create(f"smtp:[{cls.facts['old']['address']}]:25", facts["hosted"])
            node.load(roster())

    def set_mode(self, mode):
        for node in self.nodes:
            node.set_mode(mode)

    def dialogue(self, address, port, script):
        done = self.lab.run("exec", "--", sys.executable, "-c", smtp(script), address, str(port))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_forward_brings_mail_to_the_old_server_through_a_node(self):
        self.set_mode("forward")
        self.lab.send(f"joe@{DOMAIN}", "forwarded")
        self.assertTrue(self.lab.arrived("old-mailbox", "joe", "forwarded"))
        logs = "".join(self.lab.run("mail-log", each["name"]).stdout
                       for each in self.facts["relays"])
        self.assertIn(f"to=<joe@{DOMAIN}>, relay={self.facts['old']['address']}", logs)

    def test_forward_refuses_what_the_old_server_refuses(self):
        self.set_mode("forward")
        for relay in self.facts["relays"]:
            self.assertEqual(self.dialogue(
                relay["address"], 25, "client.ehlo(); client.mail('a@outside.example')\n"
                f"print(client.rcpt('nobody-at-all@{DOMAIN}')[0])"), "550")

    def test_hosted_brings_mail_to_dovecot_and_nothing_to_the_old_server(self):
        self.set_mode("hosted")
        self.lab.send(f"joe@{DOMAIN}", "hosted")
        self.assertTrue(self.lab.arrived("mailbox", "joe", "hosted"))
        self.assertNotIn("hosted", self.lab.subjects("old-mailbox", "joe"))

    def test_hosted_aliases_reach_everybody_once(self):
        self.set_mode("hosted")
        self.lab.send(",".join(f"{each}@{DOMAIN}" for each in ("info", "merry", "sales", "mary")),
                      "many names")
        self.assertTrue(self.lab.arrived("mailbox", "jane", "many names"))
        self.assertTrue(self.lab.arrived("mailbox", "mary", "many names"))
        self.assertEqual(self.lab.subjects("mailbox", "mary").count("many names"), 1)

    def test_hosted_alias_to_the_outside(self):
        self.set_mode("hosted")
        self.lab.send(f"dan@{DOMAIN}", "outside alias")
        self.assertTrue(until(lambda: "outside alias" in self.lab.outside("dan@yahoo.com")))

    def test_hosted_refuses_unknown_names_at_every_node(self):
        self.set_mode("hosted")
        for relay in self.facts["relays"]:
            self.assertRegex(self.dialogue(
                relay["address"], 25, "client.ehlo(); client.mail('a@outside.example')\n"
                f"code, text = client.rcpt('nobody@{DOMAIN}'); print(code, text.decode())"),
                r"^550 5\.1\.1 ")

    def test_a_new_account_gets_mail_but_submission_refuses_its_default_password(self):
        self.set_mode("hosted")
        self.lab.send(f"newbie@{DOMAIN}", "welcome")
        self.assertTrue(self.lab.arrived("mailbox", "newbie", "welcome"))
        for user, password, code in (("newbie", "default-password", "535"),
                                     ("joe", "joes-password", "235"), ("joe", "wrong", "535")):
            self.assertEqual(self.dialogue(
                self.facts["hosted"]["address"], self.facts["hosted"]["submission_port"],
                "client.ehlo()\ntry:\n"
                f"    print(client.login('{user}@{DOMAIN}', '{password}')[0])\n"
                "except smtplib.SMTPAuthenticationError as error:\n    print(error.smtp_code)"),
                code, user)

    def test_hold_keeps_mail_at_the_sender_until_the_mode_is_left(self):
        self.set_mode("hold")
        self.lab.send(f"jane@{DOMAIN}", "held")
        self.assertTrue(self.lab.logged("outside", f"451 4.3.0 <jane@{DOMAIN}>"))
        self.set_mode("forward")
        self.assertTrue(self.lab.arrived("old-mailbox", "jane", "held", 30))

    def test_a_hosted_probe_is_delivered_and_read_back(self):
        for node, relay in zip(self.nodes, self.facts["relays"]):
            probe = node.probe("hosted")
            self.assertEqual(probe["result"], "waiting")
            self.dialogue(relay["address"], 25, "client.sendmail('a@outside.example', "
                          f"'{probe['address']}', 'Subject: probe\\n\\nprobe')")
            self.assertTrue(until(
                lambda: node.read_probe(probe["id"])["result"] == "delivered"), relay["name"])

    def test_words_in_a_message_are_no_evidence(self):
        """Postfix logs what a stranger writes; no verdict, count or probe comes of it."""
        self.set_mode("forward")
        old = self.facts["old"]["address"]
        fields = (f", relay={old}[{old}]:25, delay=0.1, delays=0/0/0/0.1, dsn=5.1.1, "
                  "status=bounced (host said: 550 5.1.1 no)")
        for node, relay in zip(self.nodes, self.facts["relays"]):
            probe = node.probe("inbound")
            names = f"joe@{DOMAIN}", probe["address"]
            before = node.flow()
            for name in names:
                forged = f"a@b>: to=<{name}>{fields}"
                self.assertEqual(self.dialogue(
                    relay["address"], 25,
                    f"forged = {forged!r}\nfor verb, words in (('EHLO', forged), "
                    "('MAIL', 'FROM:<\"' + forged + '\"@outside.example>'), "
                    f"('RCPT', 'TO:<mary@{DOMAIN}>')):\n    reply = client.docmd(verb, words)\n"
                    "    assert reply[0] == 250, (verb, reply)\n"
                    "print(client.data('Message-ID: <' + forged + '\\r\\nSubject: ' + forged + "
                    "'\\r\\n\\r\\nx')[0])"), "250")
                self.assertTrue(self.lab.logged(relay["name"], f"message-id=<{forged}"))
            due = before["forwarded"] + len(names)
            self.assertTrue(until(lambda: node.flow()["forwarded"] == due), relay["name"])
            after = node.flow()
            self.assertEqual(after["accepted"], before["accepted"] + len(names))
            for key in ("hosted", "deferred", "rejected"):
                self.assertEqual(after[key], before[key], key)
            self.assertNotIn(f"joe@{DOMAIN}", [each["address"] for each in after["recipients"]
                                               if each["old_rejected"] > 0])
            self.assertEqual(node.read_probe(probe["id"])["result"], "waiting")
            self.assertEqual(self.dialogue(
                relay["address"], 25, "client.ehlo(); client.mail('a@outside.example')\n"
                f"print(client.rcpt('joe@{DOMAIN}')[0])"), "250")

    def test_every_node_names_itself_and_its_generation(self):
        for node, relay in zip(self.nodes, self.facts["relays"]):
            self.assertEqual(node.domain()["in_force"]["node"], relay["node"])


if __name__ == "__main__":
    lab_runner.main()
