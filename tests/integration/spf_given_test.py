#!/usr/bin/python3
"""Each case of an SPF suite in the openspf format: the result and the explanation that
`mxswitch spf check` gives, over real packets. Read from beside the project, or from
MXSWITCH_SPF_SUITE; skipped where there is none."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from spf_zone import SpfServer, Zone

PROGRAMS = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin"))
ROOT = Path(__file__).resolve().parents[2]
SUITE = Path(os.environ.get("MXSWITCH_SPF_SUITE",
                            ROOT.parent / "shared/data/spf/rfc7208-given.yml"))


def check_all(lines):
    done = subprocess.run([PROGRAMS / "mxswitch", "spf", "check", "--stdin"], text=True,
                          input="".join(json.dumps(line) + "\n" for line in lines),
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr + done.stdout
    return {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}


class Suite(unittest.TestCase):
    def test_every_case(self):
        import yaml  # a package of the tests alone

        server = SpfServer()
        self.addCleanup(server.stop)
        cases, wrong = 0, []
        for document in yaml.safe_load_all(SUITE.read_text(encoding="utf-8")):
            if not document:
                continue
            server.zone = Zone(document["zonedata"])
            tests = document["tests"]
            answers = check_all([{"id": name, "ip": test["host"], "mail_from": test["mailfrom"],
                                  "helo": test["helo"], "resolver": f"127.0.0.1:{server.port}"}
                                 for name, test in tests.items()])
            for name, test in tests.items():
                cases += 1
                wrong += self.faults(f"{document['description']} / {name}", test, answers[name])
        print(f"{cases} cases, {len(wrong)} wrong")
        self.assertFalse(wrong, "\n".join(wrong))

    def faults(self, label, test, answer):
        allowed = test["result"] if isinstance(test["result"], list) else [test["result"]]
        if answer["result"] not in allowed:
            yield f"{label}: {answer['result']} ({answer['why']}), wanted {allowed}"
        wanted = test.get("explanation")
        if wanted is not None and answer["explanation"] != ("" if wanted == "DEFAULT" else wanted):
            yield f"{label}: explained as {answer['explanation']!r}, wanted {wanted!r}"


if __name__ == "__main__":
    if not SUITE.exists():
        print(f"SKIPPED: no suite at {SUITE.name}; set MXSWITCH_SPF_SUITE to one")
        sys.exit(0)
    unittest.main()
