#!/usr/bin/python3
"""The bar of the relay: mail at full rate straight to both nodes while both are flipped 21 times.

None lost, none twice, none bounced; every flip within the sending, aliases among the recipients.
The evidence is the mailboxes of both sides and the mail logs, never the agents. The load and the
flips run inside the lab's network (flip_load.py); --messages and --rate make it larger.
"""

import argparse
import collections
import json
import re
import sys
import unittest
from pathlib import Path

import lab_runner
from lab_runner import until
from mail_lab import SENDER, MailLab, skip_without_mail
from relay_api import DOMAIN, RelayApi, roster, skip_without_relay

LOAD = Path(__file__).with_name("flip_load.py")
# Recipient and the accounts that a message to it must reach, on either side.
REACHES = {"joe": ["joe"], "mary": ["mary"], "jane": ["jane"], "info": ["mary"],
           "merry": ["mary"], "sales": ["mary", "jane"], "janitor": ["joe"]}
ACCOUNTS = ("joe", "mary", "jane")
options = argparse.Namespace(messages=2000, rate=200.0, flips=21)


def setUpModule():
    skip_without_mail()
    skip_without_relay()


def copies_in(directory):
    """Identity to the number of copies in one maildir."""
    found = collections.Counter()
    for part in ("new", "cur"):
        for path in Path(directory, part).glob("*"):
            identity = re.search(rb"^X-Flip: (\S+)", path.read_bytes(), re.M)
            if identity:
                found[identity[1].decode()] += 1
    return found


class Flips(unittest.TestCase):
    def setUp(self):
        self.lab = MailLab()
        self.addCleanup(self.lab.__exit__)
        self.mail = self.lab.json("up")["mail"]
        self.nodes = [RelayApi(self.lab, each) for each in self.mail["relays"]]
        for node, facts in zip(self.nodes, self.mail["relays"]):
            node.create(f"smtp:[{self.mail['old']['address']}]:25", facts["hosted"])
            node.load(roster())

    def sides(self):
        """Side and account to copies by identity."""
        roots = {"old": Path(self.mail["old"]["maildir"]),
                 "hosted": Path(self.mail["hosted"]["mail_root"], DOMAIN)}
        return {(side, account): copies_in(root / account / ("Maildir" if side == "hosted" else ""))
                for side, root in roots.items() for account in ACCOUNTS}

    def copies(self):
        total = collections.Counter()
        for (_, account), found in self.sides().items():
            for identity, count in found.items():
                total[identity, account] += count
        return total

    def put_under_load(self):
        job = {"relays": self.mail["relays"], "domain": DOMAIN, "sender": SENDER,
               "recipients": list(REACHES), "messages": options.messages, "rate": options.rate,
               "flips": options.flips}
        done = self.lab.run("exec", "--", sys.executable, LOAD, json.dumps(job))
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_none_lost_none_twice_none_bounced(self):
        load = self.put_under_load()
        self.assertEqual(len(load["sent"]), options.messages)
        due = {(identity, account) for identity, name in load["sent"].items()
               for account in REACHES[name]}
        until(lambda: len(self.copies()) >= len(due), 90)
        copies = self.copies()
        self.assertEqual(due - set(copies), set(), "lost")
        self.assertEqual([each for each, count in copies.items() if count > 1], [], "twice")
        self.assert_no_bounce()
        self.report(load)

    def assert_no_bounce(self):
        for host in [each["name"] for each in self.mail["relays"]] + ["old"]:
            log = self.lab.run("mail-log", host).stdout
            self.assertNotIn("status=bounced", log, host)
        self.assertEqual(self.lab.outside(SENDER), [], "bounced")
        for node in self.nodes:
            self.assertEqual(node.queue()["messages"], 0)

    def report(self, load):
        count = collections.Counter()
        for (side, _), found in self.sides().items():
            count[side] += sum(found.values())
        reinjected = sum(len(re.findall(r"/reinject/smtpd\[\d+\]: \S+: client=",
                                        self.lab.run("mail-log", each["name"]).stdout))
                         for each in self.mail["relays"])
        self.assertGreater(min(count["old"], count["hosted"]), 0)
        self.assertEqual(load["flips_within"], options.flips)
        print(f"{options.messages} messages at {load['rate']:.0f}/s, {load['flips_within']} flips "
              f"on {len(self.nodes)} nodes within {load['seconds']:.1f} s "
              f"({load['in_force']} of {load['writes']} writes seen in force at once); "
              f"copies: {count['old']} old, {count['hosted']} hosted; {reinjected} reinjected; "
              f"{load['retries']} retries", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=options.messages)
    parser.add_argument("--rate", type=float, default=options.rate)
    parser.add_argument("--flips", type=int, default=options.flips)
    options, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    lab_runner.main()
