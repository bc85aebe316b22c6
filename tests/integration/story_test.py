#!/usr/bin/python3
"""The whole story on real servers, and the page that tells it in a real browser."""

import os
import re
import shutil
import socket
import subprocess
import unittest
from pathlib import Path

import lab_runner

STORY = lab_runner.SOURCE / "deploy" / "story" / "story"
PROGRAMS = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin"))
ARTIFACTS = lab_runner.SOURCE / "artifacts"
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--hide-scrollbars", "--window-size=1280,1600"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


class Story(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lab_runner.skip_without(*lab_runner.DNS_PROGRAMS, *lab_runner.MAIL_PROGRAMS, "curl")

    def play(self, lab, *options):
        self.port = free_port()
        done = subprocess.run([STORY, "--dir", lab.directory, "--programs", PROGRAMS, "--port",
                               str(self.port), *options], capture_output=True, text=True,
                              timeout=280)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def type_what_it_says(self, told):
        """The end of the story: each thing to try works in a shell with what it says is to be set."""
        exports = re.findall(r"(?m)^  (export .*)$", told)
        commands = re.findall(r"(?m)^  \d\. (.*)$", told)
        self.assertEqual((len(exports), len(commands)), (4, 5), told)
        for command in commands:
            done = subprocess.run(["bash", "-c", "\n".join(["set -e", *exports, command])],
                                  capture_output=True, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")

    def screenshot(self, name):
        if not shutil.which("chromium"):
            return
        ARTIFACTS.mkdir(exist_ok=True)
        picture = ARTIFACTS / name
        picture.unlink(missing_ok=True)
        profile = self.lab_directory / "browser"
        subprocess.run([*CHROMIUM, f"--user-data-dir={profile}", f"--screenshot={picture}",
                        f"http://127.0.0.1:{self.port}/d/shop.example"], timeout=60,
                       capture_output=True)
        self.assertTrue(picture.exists(), "Chromium made no picture of the page")

    def test_the_story_holds_and_leaves_nothing(self):
        with lab_runner.LabRunner() as lab:
            self.lab_directory = lab.directory
            told = self.play(lab, "--keep")
            self.assertIn("READY", told)
            self.screenshot("story-hosted.png")
            self.type_what_it_says(told)
            lab.run("down")
            self.assertEqual(lab.leftovers(), [])

    def test_a_secondary_that_never_syncs_keeps_the_gate_closed(self):
        with lab_runner.LabRunner() as lab:
            told = self.play(lab, "--prove", "--only", "never synced")
            self.assertIn("ns2", told)
            self.assertEqual(lab.leftovers(), [])


if __name__ == "__main__":
    lab_runner.main()
