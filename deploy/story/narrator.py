"""Tells the story: a line a step with its evidence, or a walk at the reader's pace."""

import json
import re
import shutil
import sys
import termios
import textwrap
import time

MOST_OUTPUT_LINES = 12


class StoryFailed(Exception):
    """A step did not hold: what was expected, and what was seen instead."""


class Narrator:
    """Prints steps; `walk` explains each one, waits for Enter and shows what is typed."""

    def __init__(self, walk):
        self._walk = walk
        self._begun = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._step = None
        self._shown = set()

    def _mark(self, text, code):
        return f"\033[{code}m{text}\033[0m" if self._terminal else text

    def _print(self, text, hang=""):
        """At a terminal by words, and in the place of the line that said what is under way. Lines
        that are set in are there to be copied: they stay as they are."""
        if not self._terminal:
            print(text, flush=True)
            return
        lines = [line if line.startswith("  ") else self._wrapped(line, "", hang)
                 for line in text.split("\n")]
        print("\r\033[K" + "\n".join(lines), flush=True)

    def _wrapped(self, line, indent, hang):
        width = max(40, shutil.get_terminal_size().columns - 1)
        return textwrap.fill(line, width, initial_indent=indent, subsequent_indent=hang,
                             break_long_words=False, break_on_hyphens=False)

    def _wait_for_enter(self):
        """For one that is pressed from now on: those typed ahead meant something else."""
        if not sys.stdin.isatty():
            return
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
        try:
            input("  Enter to go on ... ")
        except EOFError:
            print()
            raise KeyboardInterrupt from None

    def explain(self, text):
        """What comes next and why; read only in the walk."""
        self._shown.clear()
        if not self._walk:
            return
        self._print(f"\n{text}")
        self._wait_for_enter()

    def command(self, line):
        """What is run now, as one could type it; a look that is repeated is shown once a step. Not
        broken into lines: it is there to be copied."""
        if not self._walk or line in self._shown:
            return
        self._shown.add(line)
        start = "\r\033[K" if self._terminal else ""
        print(f"{start}  {self._mark('$ ' + line, 36)}", flush=True)
        self._wait_line()

    def output(self, text):
        """What a command of the walk printed."""
        lines = text.rstrip("\n").split("\n")
        if not self._walk or not text.strip():
            return
        for line in lines[:MOST_OUTPUT_LINES]:
            line = re.sub(r"(?<=\S) {3,}", "  ", line)  # columns of a table have no room here
            self._print(self._wrapped(line, "    ", "      ") if self._terminal else f"    {line}")
        if len(lines) > MOST_OUTPUT_LINES:
            self._print(f"    +{len(lines) - MOST_OUTPUT_LINES} more lines")
        self._wait_line()

    def held(self, step, evidence):
        self._step = None
        seconds = time.monotonic() - self._begun
        self._print(f"{self._mark('ok', 32)}  {seconds:5.1f}s  {step}: {evidence}", " " * 12)

    def waiting(self, step):
        """Progress of a step that takes longer; on a terminal the next line replaces it."""
        self._step = step
        self._wait_line()

    def _wait_line(self):
        if self._terminal and self._step:
            print(f"..  {self._step}", end="\r", flush=True)

    def failed(self, step, why):
        self._step = None
        print(f"{self._mark('FAILED', 31)}  {step}: {why}", file=sys.stderr, flush=True)

    def say(self, text):
        """Something beside the steps."""
        self._print(text)


def until(what, patience_s, look, pause_s=0.2):
    """Looks until the look gives something true, and gives that; fails with what it saw last."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            seen, note = look(), ""
        except StoryFailed as failure:
            seen, note = None, str(failure)
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise StoryFailed(f"{what}: not within {patience_s} s" + (f" ({note})" if note else ""))
        time.sleep(pause_s)


def short(value, length=160):
    text = value if isinstance(value, str) else json.dumps(value)
    text = " ".join(text.split())
    return text if len(text) <= length else text[:length] + "..."
