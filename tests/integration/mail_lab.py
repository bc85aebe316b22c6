"""A lab with its mail half, and what is sent and read in it."""

import os
import unittest

import lab_runner
from lab_runner import LabRunner, until

SENDER = "ann@outside.example"


def skip_without_mail():
    lab_runner.skip_without(*lab_runner.DNS_PROGRAMS, *lab_runner.MAIL_PROGRAMS)
    if os.geteuid() != 0:
        raise unittest.SkipTest("SKIPPED: Postfix needs root; run as root, or with sudo")


class MailLab(LabRunner):
    """One lab; what is sent goes in at the outside server."""

    def send(self, to, subject, *arguments):
        return self.json("send", "--from", SENDER, "--to", to, "--subject", subject, *arguments)

    def subjects(self, verb, user):
        return [each["subject"] for each in self.json(verb, user)]

    def arrived(self, verb, user, subject, patience_s=10.0):
        return until(lambda: subject in self.subjects(verb, user), patience_s)

    def outside(self, address):
        return [each["subject"] for each in self.json("sink")["mailboxes"].get(address, [])]

    def logged(self, host, text):
        return until(lambda: text in self.run("mail-log", host).stdout)
