#!/usr/bin/python3
"""The DNS half of the lab on its real servers: answers, change, lag, life and clean end."""

import functools
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import lab_runner
from lab_runner import LabRunner, until

OLD = ["10 mail.shop.example"]
NEW = ["10 mx1.filter.example", "20 mx2.filter.example"]


def setUpModule():
    lab_runner.skip_without(*lab_runner.DNS_PROGRAMS)


def by_name(answers):
    return {each["name"]: each for each in answers}


class Answers(unittest.TestCase):
    """One running lab, looked at and changed; each test brings the zone back."""

    @classmethod
    def setUpClass(cls):
        cls.lab = LabRunner()
        cls.addClassCleanup(cls.lab.__exit__)
        cls.facts = cls.lab.json("up", "--dns-only")
        cls.planted = cls.lab.json("plant")

    def set_mx(self, text):
        done = self.lab.run("set-mx", text)
        self.assertEqual(done.returncode, 0, done.stderr)

    def restore(self):
        self.set_mx("10 mail.shop.example")
        self.lab.run("sync-secondary")

    def test_every_resolver_caches_the_old_mx_and_names_its_site(self):
        self.assertEqual(len(self.planted), 12)
        for each in self.planted:
            self.assertEqual(each["data"], OLD, each)
        self.assertEqual(len({each["nsid"] for each in self.planted} - {""}), 12)

    def test_the_sample_has_ten_operators_and_three_countries_with_a_site(self):
        lines = Path(self.facts["resolvers_csv"]).read_text(encoding="ascii").splitlines()
        rows = [line.split(",") for line in lines[1:]]
        self.assertGreaterEqual(len({row[2] for row in rows}), 10)
        self.assertGreaterEqual(len({row[5] for row in rows if row[4] != "anycast"}), 3)
        self.assertGreaterEqual(len({each["kind"] for each in self.facts["resolvers"]}), 5)

    def test_control_names_hold_at_every_resolver(self):
        for name, type_name, wanted in ((".", "SOA", "NOERROR"),
                                        ("no-such-label-4711.com", "A", "NXDOMAIN")):
            answers = by_name(self.lab.json("dig-all", name, type_name))
            for resolver in self.facts["resolvers"]:
                self.assertEqual(answers[resolver["name"]]["rcode"], wanted, resolver)

    def test_nobody_answers_where_no_dns_runs(self):
        done = self.lab.run("exec", "dig", "@192.0.2.53", "+time=1", "+tries=1", ".", "SOA")
        self.assertNotEqual(done.returncode, 0)

    def test_a_change_is_seen_at_the_primary_and_lags_at_the_secondary(self):
        self.addCleanup(self.restore)
        self.set_mx("10 mx1.filter.example, 20 mx2.filter.example")
        answers = by_name(self.lab.json("dig-all"))
        self.assertEqual(answers["ns1"]["data"], NEW)
        self.assertEqual(answers["ns2"]["data"], OLD)
        self.assertEqual(self.lab.run("sync-secondary").returncode, 0)
        self.assertTrue(until(lambda: by_name(self.lab.json("dig-all"))["ns2"]["data"] == NEW))

    def test_one_resolver_stretches_the_ttl(self):
        stretching = [each["name"] for each in self.facts["resolvers"] if each["stretching"]]
        self.assertEqual(len(stretching), 1)
        for each in self.planted:
            if each["name"] in stretching:
                self.assertGreater(each["ttl"], self.facts["mx_ttl"])
            else:
                self.assertLessEqual(each["ttl"], self.facts["mx_ttl"])

    def test_any_record_of_the_lab_can_be_replaced_and_removed(self):
        owner = "new.filter.example"
        self.lab.run("set-record", owner, "TXT", "v=spf1 -all", "--ttl", "1")
        asked = self.lab.run("exec", "dig", "@203.0.113.53", "+short", owner, "TXT")
        self.assertEqual(asked.stdout.strip(), '"v=spf1 -all"')
        self.lab.run("set-record", owner, "TXT")
        asked = self.lab.run("exec", "dig", "@203.0.113.53", "+short", owner, "TXT")
        self.assertEqual(asked.stdout.strip(), "")

    def test_a_killed_server_is_told_and_comes_back(self):
        self.lab.run("kill", "quad9")
        status = self.lab.run("status")
        self.assertEqual(status.returncode, 1)
        self.assertRegex(status.stdout, r"quad9 +down")
        self.lab.run("start", "quad9")
        self.assertTrue(until(
            lambda: by_name(self.lab.json("dig-all", ".", "SOA"))["quad9"]["rcode"] == "NOERROR"))

    def test_a_program_runs_inside_as_a_server(self):
        self.assertEqual(self.lab.run("run", "sleeper", "sleep", "600").returncode, 0)
        self.assertRegex(self.lab.run("status").stdout, r"sleeper +up")
        self.assertIn("runs already", self.lab.run("run", "sleeper", "sleep", "600").stderr)
        self.assertIn("ended right after its start", self.lab.run("run", "brief", "true").stderr)
        self.lab.run("kill", "sleeper")
        self.assertRegex(self.lab.run("status").stdout, r"sleeper +down")

    def test_mistakes_are_named(self):
        for arguments, text in (
                (["set-mx", "mx1.filter.example"], "is not 'PREFERENCE HOST'"),
                (["set-record", "a.elsewhere.org", "A", "192.0.2.1"], "lies in no zone"),
                (["set-record", "shop.example", "A", "not-an-address"], "knotc zone-set"),
                (["kill", "nobody"], "no server nobody"),
                (["up", "--dns-only"], "is up in"),
                (["send", "--from", "a@b", "--to", "c@d"], "has no mail half")):
            done = self.lab.run(*arguments)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn(text, done.stderr)


def user_namespaces():
    return subprocess.run(["unshare", "-Urn", "true"], capture_output=True).returncode == 0


class Life(unittest.TestCase):
    """A lab ends clean, however it ends."""

    def setUp(self):
        self.lab = LabRunner()
        self.addCleanup(self.lab.__exit__)

    def assert_gone(self):
        self.assertEqual(self.lab.leftovers(), [])

    def test_down_leaves_no_process_and_no_namespace_and_may_be_repeated(self):
        self.lab.json("up", "--dns-only")
        self.assertNotEqual(self.lab.leftovers(), [])
        for _ in range(2):
            self.assertEqual(self.lab.run("down").returncode, 0)
            self.assert_gone()

    def test_a_signal_in_the_middle_of_up_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            for servers in (1, 3, 9):
                with self.subTest(signal=number.name, servers=servers):
                    starting = self.lab.begin("up", "--dns-only")
                    logs = self.lab.directory / "log"
                    until(lambda: logs.exists() and len(list(logs.iterdir())) >= servers)
                    starting.send_signal(number)
                    _, said = starting.communicate(timeout=30)
                    self.assertEqual(starting.returncode, 128 + number, said)
                    self.assertIn("interrupted", said)
                    self.assert_gone()
                    logs.rename(self.lab.directory / "log.seen")

    def test_down_ends_what_a_killed_up_left_behind(self):
        starting = self.lab.begin("up", "--dns-only")
        logs = self.lab.directory / "log"
        until(lambda: logs.exists() and len(list(logs.iterdir())) >= 5)
        starting.kill()
        starting.communicate(timeout=30)
        self.assertEqual(self.lab.run("down").returncode, 0)
        self.assert_gone()

    def test_a_failure_half_way_is_told_and_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as broken:
            program = Path(broken, "dnsdist")
            program.write_text("#!/bin/sh\necho out of order\nexit 1\n")
            program.chmod(0o755)
            done = self.lab.run("up", "--dns-only",
                                environment={"PATH": f"{broken}:{os.environ['PATH']}"})
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"google: ended right after its start(.|\n)*out of order")
        self.assert_gone()

    def test_a_bad_option_is_refused_before_anything_starts(self):
        done = self.lab.run("up", "--dns-only", "--sticky", "vercara")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no resolver that can be", done.stderr)
        self.assert_gone()

    def test_down_ends_a_process_that_forked_away_inside(self):
        self.lab.json("up", "--dns-only")
        self.lab.run("exec", "sh", "-c",
                     "setsid sh -c 'sleep 600; :' stray-of-the-test >/dev/null 2>&1 &")
        stray = functools.partial(lab_runner.processes_naming, "stray-of-the-test")
        self.assertTrue(until(stray))
        self.lab.run("down")
        self.assert_gone()
        self.assertEqual(stray(), [])

    def test_another_directory_with_files_is_refused(self):
        (self.lab.directory / "precious").touch()
        done = self.lab.run("up", "--dns-only")
        self.assertIn("holds other files", done.stderr)
        self.assertTrue((self.lab.directory / "precious").exists())

    def test_two_labs_run_side_by_side(self):
        with LabRunner() as other:
            self.lab.json("up", "--dns-only")
            other.json("up", "--dns-only")
            other.run("set-mx", "10 elsewhere.example")
            answers = by_name(self.lab.json("dig-all"))
            self.assertEqual(answers["ns1"]["data"], OLD)

    def test_other_networks_carry_the_dns_half(self):
        for network in ("userns", "loopback"):
            with self.subTest(network=network):
                if network == "userns" and not user_namespaces():
                    self.skipTest("this kernel, or a chroot, gives no user namespace")
                facts = self.lab.json("up", "--dns-only", "--network", network)
                self.assertTrue(facts["network"]["leaves_out"])
                for each in self.lab.json("plant"):
                    self.assertEqual(each["data"], OLD, each)
                self.lab.run("down")
                self.assert_gone()


if __name__ == "__main__":
    lab_runner.main()
