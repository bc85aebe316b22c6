"""Tells the story: a line a step with its evidence, or a walk at the reader's pace."""

import json
import sys
import time


class StoryFailed(Exception):
    """A step did not hold: what was expected, and what was seen instead."""


class Narrator:
    """Prints steps; `walk` explains each one and waits for Enter."""

    def __init__(self, walk):
        self._walk = walk
        self._begun = time.monotonic()
        self._colour = sys.stdout.isatty()

    def _mark(self, text, code):
        return f"\033[{code}m{text}\033[0m" if self._colour else text

    def explain(self, text):
        """What comes next and why; read only in the walk."""
        if not self._walk:
            return
        print(f"\n{text}")
        if sys.stdin.isatty():
            input("  Enter to go on ... ")

    def held(self, step, evidence):
        seconds = time.monotonic() - self._begun
        print(f"{self._mark('ok', 32)}  {seconds:5.1f}s  {step}: {evidence}", flush=True)

    def waiting(self, step):
        """Progress of a step that takes longer; on a terminal the next line replaces it."""
        if sys.stdout.isatty():
            print(f"..  {step}", end="\r", flush=True)

    def failed(self, step, why):
        print(f"{self._mark('FAILED', 31)}  {step}: {why}", file=sys.stderr, flush=True)


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
