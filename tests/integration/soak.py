#!/usr/bin/python3
"""One lab for many minutes: mail at a steady rate to both nodes, their routes flipped again and
again, and a `mxswitch watch` beside it. Nothing is lost, twice or bounced, and no program grows.

Part of tests/long, not of the ordinary run: --minutes M (default 10).
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import flip_test
import lab_runner
from relay_api import DOMAIN

RATE, ROUND_S = 40, 45  # gentler than the flip test: this one is about time
GROWTH_KIB = 24 * 1024
NEW_MX = "10 mx1.filter.example, 20 mx2.filter.example"
options = argparse.Namespace(minutes=10)


def setUpModule():
    flip_test.setUpModule()


def memory_kib(pid):
    """Resident memory without what is only mapped."""
    for line in Path("/proc", str(pid), "status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    return 0


class Soak(flip_test.Flips):
    def setUp(self):
        super().setUp()
        files = self.lab.directory
        self.watch = subprocess.Popen(
            self.lab.arguments("exec", "--", Path(os.environ["MXSWITCH_PROGRAMS"], "mxswitch"),
                               "watch", DOMAIN, "--expect-mx", NEW_MX,
                               "--resolvers", files / "resolvers.csv",
                               "--root-hints", files / "dns" / "root.hints"),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end_watch)

    def end_watch(self):
        self.watch.terminate()
        self.watch.wait(timeout=20)
        self.watch.stderr.close()

    def programs(self):
        """Pid to name of what must not grow."""
        found = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = Path("/proc", entry, "cmdline").read_bytes().decode().split("\0")
            except OSError:  # ended meanwhile
                continue
            if Path(words[0]).name in ("mxswitch", "mxswitch-relay") and \
                    str(self.lab.directory) in " ".join(words):
                found[int(entry)] = Path(words[0]).name
        return found

    def one_round(self, due):
        load = self.put_under_load()
        due |= {(identity, account) for identity, name in load["sent"].items()
                for account in flip_test.REACHES[name]}
        lab_runner.until(lambda: len(self.copies()) >= len(due), 90)
        return load

    def test_none_lost_none_twice_none_bounced(self):
        flip_test.options = argparse.Namespace(messages=RATE * ROUND_S, rate=RATE, flips=9)
        due, rounds, flips = set(), 0, 0
        until = time.monotonic() + options.minutes * 60
        before = None
        while rounds == 0 or time.monotonic() < until:
            flips += self.one_round(due)["flips_within"]
            rounds += 1
            self.assert_watching()
            if before is None:  # after the first round all that is kept for good is there
                before = {pid: memory_kib(pid) for pid in self.programs()}
        copies = self.copies()
        self.assertEqual(due - set(copies), set(), "lost")
        self.assertEqual([each for each, count in copies.items() if count > 1], [], "twice")
        self.assert_no_bounce()
        self.assert_no_growth(before)
        print(f"soak: {rounds * RATE * ROUND_S} messages in {rounds} rounds, {flips} flips of both "
              f"nodes: none lost, twice or bounced; {self.growth}", file=sys.stderr)

    def assert_watching(self):
        if self.watch.poll() is not None:
            self.fail(f"mxswitch watch: exit {self.watch.returncode}: {self.watch.stderr.read()}")

    def assert_no_growth(self, before):
        names = self.programs()
        self.assertEqual(set(before), set(names), "a program ended or began anew")
        self.assertEqual(sorted(names.values()), ["mxswitch", "mxswitch-relay", "mxswitch-relay"])
        grown = {pid: memory_kib(pid) - before[pid] for pid in names}
        self.growth = ", ".join(f"{names[pid]} {grown[pid]:+} KiB" for pid in sorted(names))
        self.assertLess(max(grown.values()), GROWTH_KIB, self.growth)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=options.minutes)
    options, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    lab_runner.main()
