#!/usr/bin/python3
"""Every name that a roster takes, on real servers: what the relay accepts lies in a mailbox, once.

The names are made from RFC 5322's atom characters; the old server knows them all, as a customer's
would. Each recipient is a message of its own, known by its Subject.
"""

import json
import re
import string
import subprocess
import sys
import time
import unittest
from pathlib import Path

import lab_runner
from lab_runner import until
from mail_lab import MailLab, skip_without_mail
from relay_api import DOMAIN, RelayApi, password_hash, skip_without_relay

HERE = Path(__file__).parent
SIGNS = "!#$%&'*+-/=?^_`{|}~"
ROUTES = "%!"  # signs that once parted a route; a tag that holds one is refused
MOST = 64  # octets, RFC 5321 4.5.3.1.1
PATIENCE_S = 10.0
PASSWORD = "a password of a name"
# Names that some program on the way may take for more than a name: paths, variables, SQL, shell.
TRAPS = ("o'brien", "joe", "joe+own", "a.b", "a.b.c", "x./.x", "a/./b", "a//b", "a/b", "/etc/passwd",
         "etc/passwd", "cur", "new", "tmp", "maildir", "inbox", "root", "~root", "$home", "`id`",
         "%{home}", "%{user}", "%{user|domain}", "%u", "%%u", "%n", "'or'1'='1", "'--", "''",
         "{x}", "=2f", "x=2fy", "-f", "--", "*", "anyone", "owner-list", "mailer-daemon")


def account_names():
    names = [*string.ascii_lowercase, *string.digits, SIGNS, *TRAPS]
    for sign in SIGNS:
        names += [sign, sign + "x", "x" + sign, "x" + sign + "x"]
    names += ["n" * MOST, ("ab." * MOST)[:MOST - 1] + "z", (SIGNS * MOST)[:MOST]]
    return list(dict.fromkeys(names))


class Domain:
    """A domain's names, and whose mail its recipients are."""

    def __init__(self, name, accounts, aliases, delimiter):
        self.name, self.accounts, self.aliases = name, accounts, aliases
        self.delimiter = delimiter

    def account(self, local_part):
        """The account that a local part reaches; None: nobody has it."""
        name = local_part.lower()
        for each in (name, name.partition(self.delimiter)[0] if self.delimiter else name):
            each = self.aliases.get(each, each)
            if each in self.accounts:
                return each
        return None

    def recipients(self):
        names = [*self.accounts, *self.aliases]
        made = [*names, *(each.upper() for each in names)]
        if self.delimiter:
            made += [each + "+Tag" for each in names if len(each) + 4 <= MOST]
            made += ["joe+" + each for each in string.ascii_letters + string.digits + SIGNS
                     if each not in ROUTES]
            made += ["o'brien+a.b", "joe+" + "t" * (MOST - 4)]
        return [f"{each}@{self.name}" for each in dict.fromkeys(made)]

    def roster(self):
        hashed = password_hash(PASSWORD)
        return {"accounts": [{"name": each, "password_hash": hashed, "must_change_password": False}
                             for each in self.accounts],
                "aliases": [{"name": name, "targets": [target]}
                            for name, target in self.aliases.items()],
                "delimiter": self.delimiter}


def _domain(name, delimiter):
    accounts = [each for each in account_names() if not delimiter or delimiter not in each]
    return Domain(name, accounts, {f"al{sign}as": f"x{sign}x" for sign in SIGNS
                                   if sign != delimiter}, delimiter)


# A roster takes "+" in a name where it is no delimiter.
SHOP, PLAIN = _domain(DOMAIN, "+"), _domain("plain.example", None)
PLAIN.accounts = [each for each in PLAIN.accounts if "+" in each] + ["joe"]
PLAIN.aliases = {name: each for name, each in PLAIN.aliases.items() if "+" in name}
TWIN = Domain("twin.example", SHOP.accounts, SHOP.aliases, "+")  # its roster is that of SHOP
DOMAINS = {each.name: each for each in (SHOP, PLAIN, TWIN)}
RECIPIENTS = [*SHOP.recipients(), *PLAIN.recipients(),
              *(f"{each}@{TWIN.name}" for each in ("joe", "O'Brien+Tag", "al&as", "x/x"))]
# No roster takes these whole, yet each has something of a name: once the roster is in force they are
# refused, or delivered as well. Before that their own server says what they are.
DOUBTFUL = [f"{each}@{DOMAIN}" for each in (
    '"joe+a b"', '"joe+a@b"', '"joe+x."', '"joe+"', '"joe"', "joe+", "joe+" + "t" * 100,
    "joe+\u00fc", "\u00fc", "joe+%", "joe+x!y", "joe+x%outside.example", "nobody%outside.example",
    '"joe+\\"x"', '"a b"', "+", "+joe")]


def owner(recipient):
    local_part, _, domain = recipient.rpartition("@")
    account = DOMAINS[domain].account(local_part)
    return f"{account}@{DOMAIN if domain == TWIN.name else domain}"


def setUpModule():
    skip_without_mail()
    skip_without_relay()


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = MailLab()
        cls.addClassCleanup(cls.lab.__exit__)
        cls.facts = cls.lab.json("up")["mail"]
        cls.teach_old_server()
        cls.nodes, cls.read = [], {}
        for facts in cls.facts["relays"]:
            for domain in DOMAINS.values():
                node = RelayApi(cls.lab, facts, domain.name)
                cls.addClassCleanup(node.close)
                node.create(f"smtp:[{cls.facts['old']['address']}]:25", facts["hosted"])
                node.load({"accounts": [], "aliases": [], "same_as": DOMAIN} if domain is TWIN else domain.roster())
                cls.nodes.append(node)

    @classmethod
    def teach_old_server(cls):
        """All names and tags of them, in one maildir; anybody else is refused."""
        folder = Path(cls.facts["old"]["configuration"])
        known = [re.escape(each).replace("/", r"\/") + r"(\+[^@]*)?@" + re.escape(domain.name)
                 for domain in DOMAINS.values() for each in (*domain.accounts, *domain.aliases)]
        table = folder / "every-name"
        table.write_text("".join(f"/^{each}$/ everybody/\n" for each in known))
        table.chmod(0o644)
        done = cls.lab.run("exec", "--", "postconf", "-c", str(folder), "-e",
                           f"virtual_mailbox_maps=regexp:{table}", "virtual_alias_maps=",
                           f"virtual_mailbox_domains={' '.join(DOMAINS)}",
                           "allow_untrusted_routing=yes", "allow_min_user=yes")
        assert done.returncode == 0, done.stderr
        cls.lab.run("exec", "--", "postfix", "-c", str(folder), "reload")

    def set_mode(self, mode):
        for node in self.nodes:
            node.set_mode(mode)

    def hand_in(self, mode, recipients, first):
        """{subject: (recipient, code, text, time)}, nodes in turn; subjects count from `first`."""
        messages = [{"recipient": each, "subject": f"{mode}-{index}",
                     "address": self.facts["relays"][index % 2]["address"]}
                    for index, each in enumerate(recipients, first)]
        done = subprocess.run(self.lab.arguments("exec", "--", sys.executable, HERE / "hand_in.py"),
                              input=json.dumps(messages), capture_output=True, text=True,
                              timeout=200)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {message["subject"]: (message["recipient"], *answer)
                for message, answer in zip(messages, json.loads(done.stdout))}

    def delivered(self, mode):
        """{subject: [(folder, time)]} of all maildirs, the old server's and the hosted ones."""
        for root in (self.facts["old"]["maildir"], self.facts["hosted"]["mail_root"]):
            for each in set(Path(root).rglob("new/*")) - self.read.keys():
                if each.is_dir():  # somebody is called "new"
                    continue
                subject = re.search(rb"^Subject: (\S+)", each.read_bytes(), re.M)[1].decode()
                self.read[each] = subject, each.parent.parent, each.stat().st_mtime
        found = {}
        for subject, folder, at in self.read.values():
            if subject.startswith(mode + "-"):
                found.setdefault(subject, []).append((folder, at))
        return found

    def hand_in_all(self, mode, recipients):
        """By the hundred, each after the one before has come: no queue shall grow meanwhile."""
        answers = {}
        for first in range(0, len(recipients), 100):
            answers |= self.hand_in(mode, recipients[first:first + 100], first)
            accepted = {subject for subject, said in answers.items() if said[1] == 250}
            until(lambda: accepted <= self.delivered(mode).keys(), PATIENCE_S)
        return answers

    def queued(self):
        hosts = [*self.facts["relays"], self.facts["old"], self.facts["outside"]]
        return "".join(self.lab.run("exec", "--", "postqueue", "-c", each["configuration"],
                                    "-j").stdout for each in hosts)

    def deliver_all(self, mode, recipients):
        """What was said of each, and {recipient: folder} of what was accepted, after each came once
        and nothing else did."""
        began = time.monotonic()
        answers = self.hand_in_all(mode, recipients)
        accepted = {subject: said for subject, said in answers.items() if said[1] == 250}
        found = self.delivered(mode)
        self.assertEqual([accepted[each][0] for each in accepted if each not in found], [],
                         "accepted, and not in a mailbox")
        self.assertTrue(until(lambda: not self.queued()), self.queued())
        found = self.delivered(mode)
        self.assertEqual({answers[each][0]: places for each, places in found.items()
                          if each not in accepted or len(places) != 1}, {}, "not once")
        after = {said[0]: found[each][0][1] - said[3] for each, said in accepted.items()}
        self.assertEqual({name: each for name, each in after.items() if each > PATIENCE_S}, {})
        self.assertEqual(self.lab.json("sink")["mailboxes"], {}, "bounced")
        print(f"{mode}: {len(answers)} handed in, {len(accepted)} accepted, each in a mailbox once "
              f"after {max(after.values()):.1f} s at most; {time.monotonic() - began:.1f} s in all",
              file=sys.stderr)
        return ({said[0]: said[1:3] for said in answers.values()},
                {said[0]: found[subject][0][0] for subject, said in accepted.items()})

    def check_mode(self, mode, doubtful=()):
        """What every recipient of the rosters fell into."""
        self.set_mode(mode)
        answers, folders = self.deliver_all(mode, [*RECIPIENTS, *doubtful])
        self.assertEqual({each: answers[each] for each in RECIPIENTS if each not in folders}, {},
                         "refused")
        return {each: folders[each] for each in RECIPIENTS}

    def check_owners(self, folders):
        """Everybody has a mailbox of his own."""
        owners = {}
        for recipient, folder in folders.items():
            owners.setdefault(folder, set()).add(owner(recipient))
        self.assertEqual([each for each in owners.values() if len(each) > 1], [], "shared")
        everybody = [each for found in owners.values() for each in found]
        self.assertEqual(len(everybody), len(set(everybody)), "in two places")

    def test_forward(self):
        folders = self.check_mode("forward")
        self.assertEqual({each.name for each in folders.values()}, {"everybody"})

    def test_split(self):
        self.check_owners(self.check_mode("split"))

    def test_hosted(self):
        self.check_owners(self.check_mode("hosted", DOUBTFUL))

    def test_every_name_logs_in(self):
        script = ("import imaplib, json, sys\nfor name in json.load(sys.stdin):\n"
                  "    client = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))\n"
                  f"    client.login(f'\"{{name}}\"', {PASSWORD!r})\n"
                  "    client.logout()\n")
        names = [f"{each}@{domain.name}" for domain in (SHOP, PLAIN) for each in domain.accounts]
        hosted = self.facts["hosted"]
        done = subprocess.run(
            self.lab.arguments("exec", "--", sys.executable, "-c", script, hosted["address"],
                               str(hosted["imap_port"])),
            input=json.dumps([*names, f"O'BRIEN@{TWIN.name}"]), capture_output=True, text=True,
            timeout=200)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    lab_runner.main()
