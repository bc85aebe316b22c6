#!/usr/bin/python3
"""Real servers without NSID that call themselves alike (RFC 4892) are one, whatever their operators
are called."""

import json
import os
import unittest
from pathlib import Path

import lab_runner
from lab_runner import LabRunner, until

PROGRAM = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin")).resolve() / "mxswitch"
# Operator, address in the lab's namespace, and what it calls itself.
SERVERS = (("Alpha", "127.0.2.1", "box-1"), ("Beta", "127.0.2.2", "box-1"),
           ("Gamma", "127.0.2.3", "box-2"))

UNBOUND = """\
server:
    interface: {address}
    outgoing-interface: {outgoing}
    access-control: 0.0.0.0/0 allow
    username: ""
    chroot: ""
    directory: "{directory}"
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-ip6: no
    module-config: "iterator"
    root-hints: "{hints}"
    identity: "{identity}"
remote-control:
    control-enable: no
"""


def setUpModule():
    lab_runner.skip_without(*lab_runner.DNS_PROGRAMS)


class Identity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = LabRunner()
        cls.addClassCleanup(cls.lab.__exit__)
        cls.facts = cls.lab.json("up", "--dns-only")
        cls.own = cls.lab.directory / "own"
        cls.own.mkdir()
        for operator, address, identity in SERVERS:
            config = cls.own / f"{operator}.conf"
            config.write_text(UNBOUND.format(
                address=address, outgoing=cls.facts["resolvers"][1]["address"], identity=identity,
                directory=cls.own, hints=cls.facts["root_hints"]))
            cls.lab.run("run", operator, "unbound", "-d", "-c", config)
        cls.resolvers = cls.own / "resolvers.csv"
        cls.resolvers.write_text("address,operator\n" + "".join(
            f"{address},{operator}\n" for operator, address, _ in SERVERS))

    def check(self):
        done = self.lab.run("exec", "--", PROGRAM, "check", "shop.example", "--expect-mx",
                            "10 mail.shop.example", "--resolvers", self.resolvers,
                            "--root-hints", self.facts["root_hints"], "--json")
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    def test_check_names_those_that_are_one(self):
        self.assertTrue(until(lambda: self.check().get("look") == "all_new", 20), self.check())
        seen = self.check()
        wanted = ('id.server "box-1" answers in the name of Alpha, Beta, which declare no '
                  "forwarding: they count as one")
        self.assertIn(wanted, seen["warnings"])
        self.assertNotIn("box-2", " ".join(seen["warnings"]))


if __name__ == "__main__":
    lab_runner.main()
