#!/usr/bin/python3
"""`mxswitch spf check --stdin` with what no program should send: one answer line each, in order,
each at once, and the stream goes on."""

import json
import os
import subprocess
import time
import unittest
from pathlib import Path

from spf_zone import SpfServer, Zone

PROGRAMS = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin"))
ZONE = {
    "shop.example": [{"SPF": "v=spf1 a:%{l}.users.shop.example -all"}],
    "joe.users.shop.example": [{"A": "192.0.2.25"}],
    "mail.shop.example": [{"SPF": "v=spf1 ip4:192.0.2.25 -all"}],
    "alias.example": [{"CNAME": "mail.shop.example"}],
    "silent.example": ["TIMEOUT"],
    "\"a@b\".users.shop.example": [{"A": "192.0.2.25"}],
    "many.example": [{"SPF": "v=spf1 mx -all"}] + [{"MX": [0, f"s{i}.silent.example"]}
                                                   for i in range(10)],
}
for number in range(10):
    ZONE[f"s{number}.silent.example"] = ["TIMEOUT"]


class Stream(unittest.TestCase):
    def setUp(self):
        self.server = SpfServer()
        self.server.zone = Zone(ZONE)
        self.addCleanup(self.server.stop)

    def line(self, mail_from, helo="mail.shop.example", ip="192.0.2.25", **other):
        return json.dumps({"id": mail_from, "ip": ip, "mail_from": mail_from, "helo": helo,
                           "resolver": f"127.0.0.1:{self.server.port}", **other})

    def answers(self, lines, status=0):
        done = subprocess.run([PROGRAMS / "mxswitch", "spf", "check", "--stdin"], text=True,
                              input="\n".join(lines), capture_output=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_senders_of_every_form(self):
        wanted = [("", "pass"), ("<>", "pass"), ("<joe@shop.example>", "pass"),
                  ("JOE@SHOP.EXAMPLE", "pass"), ("joe@shop.example.", "pass"),
                  ("\"a@b\"@shop.example", "pass"), ("shop.example", "fail"),
                  ("@shop.example", "fail"), ("joe@", "none"), ("joe@localhost", "none"),
                  ("joe@[192.0.2.25]", "none"), ("joe@a..example", "none"),
                  ("joe@" + "a" * 64 + ".example", "none"), ("x@alias.example", "pass"),
                  ("\u00e9@shop.example", "fail"), ("joe@no.such.example", "none")]
        answers = self.answers([self.line(sender) for sender, _ in wanted])
        self.assertEqual([(each["id"], each["result"]) for each in answers], wanted)

    def test_addresses_of_every_form(self):
        wanted = [("::ffff:192.0.2.25", "pass"), ("::FFFF:c000:0219", "pass"),
                  ("2001:DB8::25", "fail"), ("2001:db8:0:0:0:0:0:25", "fail")]
        answers = self.answers([self.line("", ip=ip) for ip, _ in wanted])
        self.assertEqual([each["result"] for each in answers], [each for _, each in wanted])

    def test_no_sender_at_all_is_none(self):
        (answer,) = self.answers([self.line("", helo="")])
        self.assertEqual(answer["result"], "none")

    def test_bad_lines_are_answered_and_the_stream_goes_on(self):
        bad = ["{", "[]", "17", self.line("x", ip="999.1.1.1"), self.line("x", ip="192.0.2.25/32"),
               self.line("x", ip="fe80::1%eth0"), self.line("x", resolver="nonsense"),
               json.dumps({"id": 4, "ip": 5, "mail_from": None}), json.dumps({"ip": "192.0.2.1"}),
               "x" * 70000]
        lines = [each for one in bad for each in (one, "", self.line("joe@shop.example"))]
        answers = self.answers(lines, status=2)
        self.assertEqual(len(answers), 2 * len(bad))
        for place, answer in enumerate(answers):
            self.assertIn("error" if place % 2 == 0 else "result", answer, lines[place])
        self.assertTrue(answers[0]["error"].startswith("stdin:1: "), answers[0])
        self.assertTrue(answers[2]["error"].startswith("stdin:4: "), answers[2])

    def test_each_answer_comes_before_the_next_line_is_sent(self):
        with subprocess.Popen([PROGRAMS / "mxswitch", "spf", "check", "--stdin"], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            for sender in ("joe@shop.example", "eve@shop.example"):
                program.stdin.write(self.line(sender) + "\n")
                program.stdin.flush()
                self.assertEqual(json.loads(program.stdout.readline())["id"], sender)
            program.stdin.close()
            self.assertEqual(program.wait(20), 0)

    def test_silence_is_a_temperror_within_bounds_and_holds_nobody_else_up(self):
        begun = time.monotonic()
        answers = self.answers([self.line("joe@silent.example"), self.line("joe@many.example"),
                                self.line("joe@shop.example")])
        self.assertEqual([each["result"] for each in answers], ["temperror", "temperror", "pass"])
        self.assertLess(time.monotonic() - begun, 30)


if __name__ == "__main__":
    unittest.main()
