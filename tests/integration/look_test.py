#!/usr/bin/python3
"""`check`, `watch` and `resolvers` at a real server on loopback: what they print and how they end."""

import json
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from cli_test import NEW_MX, PROGRAMS, run
from dns_stub import DnsStub

OLD_MX = "10 mail.shop.example"
# One resolver and one authority, judged within seconds.
QUICK = [word for key, value in {
    "authority_poll": "1s", "authority_spread": "0s", "delta": "0s", "clock_error": "0s",
    "floor": "0s", "k": "2", "sample_spacing": "1s", "min_operators": "1", "settle": "1s",
}.items() for word in ("--policy", f"{key}={value}")]


class Looks(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)

    def stub(self, *words, **more):
        stub = DnsStub(*words, **more)
        stub.__enter__()
        self.addCleanup(stub.__exit__)
        return stub

    def list_of(self, *stubs):
        path = self.folder / "resolvers.csv"
        path.write_text("address,operator\n" + "".join(
            f"{stub.address},Operator {n}\n" for n, stub in enumerate(stubs)))
        return path

    def words(self, verb, authority, *resolvers):
        return [verb, "shop.example", "--expect-mx", NEW_MX, "--authority", authority.address,
                "--resolvers", self.list_of(*(resolvers or [authority]))]


class Check(Looks):
    def test_text_json_and_code_agree(self):
        new, old = self.stub(10, "mx1.filter.example"), self.stub(10, "mail.shop.example")
        liar = self.stub(10, "mail.shop.example", lies=True)
        for resolvers, code, word, look in (([new], 0, "all sampled answers new", "all_new"),
                                            ([new, liar], 0, "all sampled answers new", "all_new"),
                                            ([new, old], 3, "not yet", "not_yet"),
                                            ([liar], 4, "inconclusive", "inconclusive")):
            words = self.words("check", new, *resolvers)
            with self.subTest(look=look, resolvers=len(resolvers)):
                got, said, err = run(*words, "--old-mx", OLD_MX)
                self.assertEqual((got, err), (code, ""), said)
                self.assertRegex(said, f"(?m)^Answer +{word}: ")
                self.assertIn("Not looked at   drain", said)
                got, text, _ = run(*words, "--old-mx", OLD_MX, "--json")
                facts = json.loads(text)
                self.assertEqual((got, facts["exit_code"], facts["look"]), (code, code, look))
                self.assertEqual(bool(facts["reasons"]), code != 0)
                self.assertFalse(facts["drain_judged"])

    def test_one_fact_is_one_line(self):
        new = self.stub(10, "mx1.filter.example")
        olds = [self.stub(10, "mail.shop.example") for _ in range(9)]
        said = run(*self.words("check", new, *olds), "--old-mx", OLD_MX)[1]
        self.assertEqual(said.count("the old set 10 mail.shop.example"), 1, said)
        self.assertIn("9 of 9 resolvers answer the old set 10 mail.shop.example (for up to 20 s): "
                      "Operator", said)
        rows = run(*self.words("check", new, *olds), "--old-mx", OLD_MX, "--all")[1]
        self.assertRegex(rows, r"(?m)^RESOLVER +CLASS")

    def test_what_is_declared_makes_an_outlook_and_no_other_exit(self):
        new = self.stub(10, "mx1.filter.example")
        words = self.words("check", new)
        plain = run(*words)
        code, said, _ = run(*words, "--old-ttl", "3600", "--changed-at", "2026-01-05T10:00:00Z",
                            "--policy", "floor=10m")
        self.assertEqual((code, plain[0]), (0, 0))
        self.assertNotIn("Outlook", plain[1])
        self.assertRegex(said, "(?m)^Outlook +READY not before .*not judged")

    def test_a_wrong_declaration_is_refused_by_its_option(self):
        for words, wanted in ((["--old-ttl", "soon"], "--old-ttl soon"),
                              (["--changed-at", "May"], "--changed-at May"),
                              (["--old-mx", "ten mail"], '--old-mx "ten mail"'),
                              (["--policy", "flor=10m"], '(?s)--policy flor=10m.*"floor"'),
                              (["--policy", "floor"], "--policy"),
                              (["--ignore", "ns2="], "--ignore")):
            with self.subTest(words=words):
                code, out, err = run("check", "shop.example", "--expect-mx", NEW_MX, *words)
                self.assertEqual((code, out), (2, ""), err)
                self.assertRegex(err, wanted)


class Watch(Looks):
    def until_ready(self, stub, *more, timeout=60):
        return subprocess.run([PROGRAMS / "mxswitch", *self.words("watch", stub), "--no-dot",
                               "--until", "ready", *more], capture_output=True, text=True,
                              timeout=timeout)

    def test_ends_with_0_at_ready(self):
        stub = self.stub(10, "mx1.filter.example", ttl=2)
        done = self.until_ready(stub, *QUICK, "--old-mx", OLD_MX, "--old-ttl", "1s")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn(" shop.example ready ", done.stdout)
        self.assertIn("raise it again", done.stdout)

    def test_says_at_once_what_nobody_declared_and_by_which_options(self):
        stub = self.stub(10, "mx1.filter.example", ttl=900)
        with subprocess.Popen([PROGRAMS / "mxswitch", *self.words("watch", stub), "--no-dot",
                               "--until", "ready"], stdout=subprocess.PIPE, text=True) as watch:
            said = ""
            for line in watch.stdout:
                said += line
                if "READY not before" in line:
                    break
            watch.send_signal(signal.SIGINT)
            said += watch.communicate(timeout=20)[0]
        self.assertEqual(watch.returncode, 3, "stopped before what it waited for")
        self.assertRegex(said, r"READY not before .* because nobody said .*--old-ttl 900 if it was "
                               r"never lowered.*--changed-at")
        self.assertNotRegex(said, r"\[mx\]|in the plan|of the plan")

    def test_notices_the_change_within_a_poll_and_calls_the_old_set_old(self):
        stub = self.stub(10, "mail.shop.example", ttl=2)
        with subprocess.Popen([PROGRAMS / "mxswitch", *self.words("watch", stub), "--no-dot",
                               "--old-mx", OLD_MX, "--old-ttl", "2s", "--until", "ready", *QUICK],
                              stdout=subprocess.PIPE, text=True) as watch:
            lines = []
            for line in watch.stdout:
                lines.append(line)
                if len(lines) == 2:
                    self.assertIn("next look", lines[0])
                    stub.publish(10, "mx1.filter.example", ttl=2)
                    changed = time.monotonic()
            watch.wait(timeout=60)
        self.assertEqual(watch.returncode, 0, "".join(lines))
        self.assertLess(time.monotonic() - changed, 40, "a poll, the TTL, the samples")
        self.assertNotIn("foreign", "".join(lines))


class Resolvers(Looks):
    def test_list_can_be_narrowed_and_read_by_programs(self):
        code, out, _ = run("resolvers", "list", "--resolvers", "all", "--json")
        self.assertEqual(code, 0)
        everyone = json.loads(out)["resolvers"]
        self.assertEqual(len(everyone), 139)
        some = json.loads(run("resolvers", "list", "--resolvers", "all", "--tier", "isp",
                              "--json")[1])["resolvers"]
        self.assertEqual(len(some), sum(one["tier"] == "isp" for one in everyone))
        code, out, _ = run("resolvers", "list", "--operator", "quad9")
        self.assertEqual(code, 0)
        self.assertIn("9.9.9.9", out)
        code, _, err = run("resolvers", "list", "--country", "XX")
        self.assertEqual(code, 2)
        self.assertIn("no resolver of the list is like that", err)

    def test_check_tells_the_good_from_liars_and_the_silent(self):
        honest = self.stub(10, "mx1.filter.example")
        liar = self.stub(10, "mx1.filter.example", lies=True)
        words = ["resolvers", "check", "--bogus-name", "", "--filtered-name", ""]
        code, out, err = run(*words, "--resolvers", self.list_of(honest))
        self.assertEqual((code, err), (0, ""), out)
        code, out, _ = run(*words, "--resolvers", self.list_of(honest, liar))
        self.assertEqual(code, 3, out)
        self.assertIn("lies: has an answer for a name that nobody made", out)
        code, out, _ = run(*words, "--resolvers", self.list_of(liar), "--json")
        self.assertEqual(code, 4, "none is of use")
        one = json.loads(out)["resolvers"][0]
        self.assertEqual((one["worth"], one["honest"], one["burst_failed"]), ("bad", "no", 0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
