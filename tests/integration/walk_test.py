#!/usr/bin/python3
"""The walk of quickstart: what it shows before it runs it, and that it waits for its reader."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from terminal import Terminal

SOURCE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / "deploy" / "story"))
sys.dont_write_bytecode = True

import farewell  # noqa: E402
import stage  # noqa: E402

PROMPT = "Enter to go on"
READER = """
import sys, time
sys.path.insert(0, {story!r})
from narrator import Narrator
narrator = Narrator(True)
print("begin", flush=True)
time.sleep(0.5)
for step in (1, 2, 3):
    narrator.explain(f"explained {{step}}")
    narrator.command("mxswitch status shop.example")
    narrator.command("mxswitch status shop.example")
    time.sleep(1)
    narrator.held(f"step {{step}}", "went")
"""


class Walk(unittest.TestCase):
    def walk(self):
        terminal = Terminal(sys.executable, "-c", READER.format(story=str(SOURCE / "deploy/story")))
        self.addCleanup(terminal.close)
        terminal.read(20, "begin")
        return terminal

    def test_enters_typed_ahead_skip_nothing(self):
        terminal = self.walk()
        terminal.type("\n" * 8)
        for step in (1, 2, 3):
            terminal.read(20, PROMPT)
            self.assertNotIn(f"step {step}:", terminal.read(0.4))
            terminal.type("\n")
            terminal.read(20, "$ mxswitch status")
            terminal.type("\n" * 3)  # while the step runs
            self.assertIn(f"step {step}:", terminal.read(20, f"step {step}: went"))

    def test_a_repeated_look_is_shown_once_a_step(self):
        terminal = self.walk()
        for step in (1, 2):
            terminal.read(20, PROMPT)
            terminal.type("\n")
            told = terminal.read(20, f"step {step}: went")
            self.assertEqual(told.count("$ mxswitch status shop.example"), 1, told)


class Recorder:
    """In the place of the narrator: what is shown and what runs, in one row."""

    def __init__(self):
        self.row = []

    def command(self, line):
        self.row.append(("shown", line))

    def output(self, text):
        pass


class Commands(unittest.TestCase):
    def setUp(self):
        self.recorder = Recorder()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.stage = stage.Stage(folder.name, "build/release/bin", 8053, self.recorder)
        run, stage._run = stage._run, self.run_nothing
        self.addCleanup(setattr, stage, "_run", run)

    def run_nothing(self, argv, **_):
        self.recorder.row.append(("run", [str(each) for each in argv]))
        return subprocess.CompletedProcess(argv, 0, "{}", "")

    def test_each_command_is_shown_before_it_runs(self):
        self.stage.lab("set-mx", "10 mx1.filter.example")
        self.stage.lab_json("mailbox", "joe")
        self.stage.send("joe@shop.example", "it's me")
        self.stage.client("rcpt", "192.0.2.1", "joe@shop.example")
        self.stage.mxswitch("switch", "shop.example", "--reason", "a reason")
        self.stage.snapshot()
        self.stage.press("/ack/1")
        self.stage.page()
        kinds = [kind for kind, _ in self.recorder.row]
        self.assertEqual(kinds, ["shown", "run"] * 8)
        shown = [line for kind, line in self.recorder.row if kind == "shown"]
        self.assertIn("lab set-mx '10 mx1.filter.example'", shown)
        self.assertIn("mxswitch switch shop.example --reason 'a reason'", shown)

    def test_the_end_says_how_to_go_on_what_to_try_and_how_to_stop(self):
        self.stage._facts = {"mail": {"relays": [{}, {"agent": "agent-2"}]}}
        told = farewell.text(self.stage)
        for name in ("PATH", "MXSWITCH_SERVER", "MXSWITCH_TOKEN_FILE", "MXSWITCH_LAB_DIR"):
            self.assertIn(f"export {name}=", told)
        self.assertEqual(len(farewell.things_to_try(self.stage)), 5)
        self.assertIn("quickstart --stop --dir", told)
        checked = subprocess.run(["sh", "-n"], input="\n".join(
            farewell.environment(self.stage) + [each for each, _ in
                                                farewell.things_to_try(self.stage)]),
            text=True, capture_output=True)
        self.assertEqual(checked.stderr, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
