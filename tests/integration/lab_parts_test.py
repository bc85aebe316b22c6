#!/usr/bin/python3
"""Parts of the lab that need no server: reading DNS messages, MX texts, templates, processes."""

import os
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import lab_runner

sys.path.insert(0, str(lab_runner.COMMAND.parent))

import dns_query  # noqa: E402
import dns_world  # noqa: E402
import errors  # noqa: E402
import render  # noqa: E402
import supervise  # noqa: E402

OWNER = b"\x04shop\x07example\x00"


def message(*records, flags=0x8400):
    header = struct.pack("!HHHHHH", 7, flags, 1, len(records), 0, 0)
    return header + OWNER + struct.pack("!HH", 15, 1) + b"".join(records)


def record(type_code, data, ttl=20, owner=b"\xc0\x0c"):
    return owner + struct.pack("!HHIH", type_code, 1, ttl, len(data)) + data


class Messages(unittest.TestCase):
    def test_what_is_read(self):
        for made, type_name, data in (
                (record(15, b"\x00\x0a\x04mail\xc0\x0c"), "MX", ["10 mail.shop.example"]),
                (record(1, b"\xc6\x33\x64\x19"), "A", ["198.51.100.25"]),
                (record(16, b"\x03v=s\x03pf1"), "TXT", ["v=spf1"]),
                (record(2, b"\x02NS\xc0\x0c"), "NS", ["ns.shop.example"])):
            answer = dns_query._parse(message(made))
            self.assertEqual(answer.data(type_name), data)
            self.assertEqual((answer.rcode, answer.authoritative, answer.ttl(type_name)),
                             ("NOERROR", True, 20))

    def test_a_name_that_points_at_itself_is_refused(self):
        loop = record(2, b"\xc0\x0c", owner=struct.pack("!H", 0xC000 | 12 + len(OWNER) + 4))
        with self.assertRaisesRegex(ValueError, "name without end"):
            dns_query._parse(message(loop))

    def test_every_cut_and_ten_thousand_changes_are_read_or_refused(self):
        whole = message(record(15, b"\x00\x0a\x04mail\xc0\x0c"), record(16, b"\x03v=s\x03pf1"),
                        record(41, struct.pack("!HH", 3, 3) + b"ns1", owner=b"\0"))
        changed = [whole[:length] for length in range(len(whole))]
        source = random.Random(4711)
        for _ in range(10_000):
            mutant = bytearray(whole)
            for _ in range(source.randint(1, 4)):
                mutant[source.randrange(len(mutant))] = source.randrange(256)
            changed.append(bytes(mutant))
        for each in changed:
            try:
                dns_query._parse(each)
            except ValueError:
                continue


class MxTexts(unittest.TestCase):
    def test_good_ones(self):
        for text, data in (("10 a.example", ["10 a.example."]),
                           (" 0 a.example. , 65535 b.example",
                            ["0 a.example.", "65535 b.example."])):
            self.assertEqual(dns_world._mx_data(text), data)

    def test_bad_ones_are_named(self):
        for text in ("", "a.example", "10", "65536 a.example", "10 a.example,", "10 a b"):
            with self.assertRaisesRegex(errors.LabError, "is not 'PREFERENCE HOST'"):
                dns_world._mx_data(text)


class Templates(unittest.TestCase):
    def test_every_template_of_deploy_has_only_known_names(self):
        with self.assertRaises(KeyError):
            render.fill("postfix/relay/main.cf.in", {})

    def test_comments_stay_as_they_are(self):
        first = render.fill("postfix/submission/master.cf.in", {"SUBMISSION_PORT": 587})
        self.assertIn("\n587  inet", first)


class Processes(unittest.TestCase):
    def start(self, *argv):
        child = subprocess.Popen(argv)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def test_a_pid_that_was_used_again_is_spared(self):
        child = self.start("sleep", "60")
        supervise.end_all([(child.pid, supervise.start_time(child.pid) - 1)], grace_s=0.2)
        self.assertIsNone(child.poll())

    def test_one_that_ignores_sigterm_is_killed(self):
        child = self.start("sh", "-c", "trap '' TERM; while :; do sleep 1; done")
        ignored = 1 << signal.SIGTERM - 1
        self.assertTrue(lab_runner.until(lambda: int(re.search(
            r"SigIgn:\s*(\w+)", Path(f"/proc/{child.pid}/status").read_text())[1], 16) & ignored))
        supervise.end_all([(child.pid, supervise.start_time(child.pid))], grace_s=0.2)
        self.assertTrue(lab_runner.until(lambda: child.poll() is not None))

    def test_a_family_holds_what_left_the_session(self):
        child = self.start("sh", "-c", "setsid sleep 60; :")
        self.assertTrue(lab_runner.until(lambda: len(supervise.family([child.pid])) >= 2))
        supervise.end_all(supervise.family([child.pid]))
        self.assertIsNone(supervise.start_time(child.pid))

    def test_a_program_that_is_missing_is_named_with_the_mend(self):
        with tempfile.TemporaryDirectory() as directory:
            supervisor = supervise.Supervisor(directory)
            with self.assertRaisesRegex(errors.ServerFailed, "no-such.*packages/lab.txt"):
                supervisor.start("absent", ["no-such-program"])

    def test_a_server_of_an_earlier_boot_is_not_alive(self):
        with tempfile.TemporaryDirectory() as directory:
            supervisor = supervise.Supervisor(directory)
            pid = supervisor.start("sleeper", ["sleep", "60"])
            self.addCleanup(os.waitpid, pid, 0)
            self.addCleanup(os.kill, pid, signal.SIGKILL)
            self.assertTrue(supervise.Supervisor(directory).alive("sleeper"))
            supervisor.ledger["sleeper"]["boot"] = "another"
            self.assertFalse(supervisor.alive("sleeper"))

    def test_this_process_and_those_above_it_are_never_strays(self):
        self.assertLessEqual({os.getpid(), os.getppid()}, supervise.own_ancestry())


if __name__ == "__main__":
    lab_runner.main()
