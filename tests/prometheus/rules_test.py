#!/usr/bin/python3
"""Recording and alert rules: promtool's opinion, alerts over time, and names that exist.

Usage: rules_test.py SOURCE_DIR"""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(sys.argv.pop())
RULES = sorted((SOURCE / "deploy/prometheus").glob("*.yml"))
SKIPPED = 77


def promtool(*arguments):
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def names_in_code():
    """Every metric name that dashboards/views can give."""
    code = "".join(p.read_text() for p in (SOURCE / "dashboards/views").glob("metrics*.cc"))
    return set(re.findall(r'"(mxswitch_[a-z_]+)"', code))


class Rules(unittest.TestCase):
    def test_promtool_accepts_the_rules(self):
        self.assertEqual([p.name for p in RULES], ["alerts.yml", "recording.yml"])
        code, said = promtool("check", "rules", *RULES)
        self.assertEqual(code, 0, said)

    def test_alerts_come_and_stay_away_as_written(self):
        code, said = promtool("test", "rules", SOURCE / "tests/prometheus/alerts_test.yml")
        self.assertEqual(code, 0, said)

    def test_every_name_in_the_rules_is_given_by_the_program(self):
        known = names_in_code()
        self.assertGreater(len(known), 20)
        for path in RULES:
            text = re.sub(r"#.*", "", path.read_text())
            for name in re.findall(r"(?<![:\w])mxswitch_[a-z_]+", text):
                plain = re.sub(r"_(bucket|sum|count)$", "", name)
                self.assertIn(plain, known, f"{path.name} names {name}")

    def test_every_alert_is_tested_and_says_what_to_do(self):
        alerts = (SOURCE / "deploy/prometheus/alerts.yml").read_text()
        tested = (SOURCE / "tests/prometheus/alerts_test.yml").read_text()
        for name in re.findall(r"- alert: (\w+)", alerts):
            self.assertIn(name, tested)
        count = alerts.count("- alert: ")
        for key in ("severity: ", "summary: ", "description: "):
            self.assertEqual(alerts.count(key), count, key)


if __name__ == "__main__":
    if shutil.which("promtool") is None:
        print("SKIPPED: promtool is not here: apt-get install prometheus")
        sys.exit(SKIPPED)
    unittest.main()
