#!/usr/bin/python3
"""2,000 messages while both nodes are flipped 21 times: none lost, none twice, none bounced."""

import collections
import json
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import lab_runner
from lab_runner import until
from mail_lab import SENDER, MailLab, skip_without_mail
from relay_api import DOMAIN, RelayApi, roster, skip_without_relay

MESSAGES, RATE, FLIPS = 2000, 200, 21
SENDING_S = MESSAGES / RATE
# Recipient and the accounts that a message to it must reach, on either side.
REACHES = {"joe": ["joe"], "mary": ["mary"], "info": ["mary"], "sales": ["mary", "jane"],
           "janitor": ["joe"]}


def setUpModule():
    skip_without_mail()
    skip_without_relay()


class Flips(unittest.TestCase):
    def setUp(self):
        self.lab = MailLab()
        self.addCleanup(self.lab.__exit__)
        self.mail = self.lab.json("up")["mail"]
        self.lab.run("set-mx", "10 mx1.filter.example, 10 mx2.filter.example")  # both are used
        self.lab.run("sync-secondary")
        self.nodes = [RelayApi(self.lab, each) for each in self.mail["relays"]]
        for node, facts in zip(self.nodes, self.mail["relays"]):
            self.addCleanup(node.close)
            node.create(f"smtp:[{self.mail['old']['address']}]:25", facts["hosted"])
            node.load(roster())

    def begin_sending(self):
        share, rate = MESSAGES // len(REACHES), RATE / len(REACHES)
        return {name: subprocess.Popen(self.lab.arguments(
            "send", "--json", "--from", SENDER, "--to", f"{name}@{DOMAIN}", "--subject", name,
            "--count", str(share), "--rate", str(rate)), stdout=subprocess.PIPE, text=True)
            for name in REACHES}

    def delivered(self):
        """(message id, account) to the number of copies, both sides together, and by side."""
        copies, sides = collections.Counter(), collections.Counter()
        for account in ("joe", "mary", "jane"):
            for verb in ("old-mailbox", "mailbox"):
                for each in self.lab.json(verb, account):
                    copies[each["message_id"], account] += 1
                    sides[verb] += 1
        return copies, sides

    def test_none_lost_none_twice_none_bounced(self):
        begun = time.monotonic()
        senders = self.begin_sending()
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            for flip in range(FLIPS):
                # Spread over the time in which messages come, the first when they do.
                time.sleep(max(0, begun + 1 + flip * SENDING_S / FLIPS - time.monotonic()))
                mode = "forward" if flip % 2 else "hosted"
                list(pool.map(lambda node: node.set_mode(mode), self.nodes))
        flipped_s = time.monotonic() - begun
        due = set()
        for name, process in senders.items():
            sent = json.loads(process.communicate(timeout=60)[0])
            self.assertTrue(all(each["accepted"] for each in sent))
            due |= {(f"<{each['identity']}@outside.example>", account)
                    for each in sent for account in REACHES[name]}
        sent_s = time.monotonic() - begun
        until(lambda: len(self.delivered()[0]) >= len(due), 60)
        copies, sides = self.delivered()
        self.assertEqual(due - set(copies), set(), "lost")
        self.assertEqual([each for each, count in copies.items() if count > 1], [], "twice")
        self.assertEqual(self.lab.outside(SENDER), [], "bounced")
        # Both routes were used in earnest, or the flips did not meet the messages.
        self.assertGreater(min(sides["old-mailbox"], sides["mailbox"]), MESSAGES / 10, sides)
        for node in self.nodes:
            self.assertEqual(node.queue()["messages"], 0)
        print(f"{MESSAGES} messages in {sent_s:.1f} s, {FLIPS} flips of both nodes in "
              f"{flipped_s:.1f} s: {sides['old-mailbox']} copies at the old server, "
              f"{sides['mailbox']} hosted")


if __name__ == "__main__":
    lab_runner.main()
