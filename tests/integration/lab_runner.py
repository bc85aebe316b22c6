"""Runs `deploy/lab/lab` for the integration tests, each in a directory of its own."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
COMMAND = SOURCE / "deploy" / "lab" / "lab"
INSTALL = "install what deploy/packages/lab.txt lists"
DNS_PROGRAMS = ("nsd", "knotd", "unbound", "named", "pdns_recursor", "kresd", "dnsmasq", "dnsdist")
MAIL_PROGRAMS = ("postfix", "dovecot")


def _missing(programs):
    places = [*os.environ["PATH"].split(":"), "/usr/sbin", "/sbin"]
    return [each for each in programs if not any(Path(p, each).exists() for p in places)]


def skip_without(*programs):
    """A test that cannot run says what is missing and how to get it."""
    missing = _missing(programs)
    if missing:
        raise unittest.SkipTest(f"SKIPPED: no {', '.join(missing)}; {INSTALL}")


def until(true, patience_s=10.0):
    """Waits for a fact of the outside world; answers whether it came."""
    deadline = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def namespaces():
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in listed.stdout.splitlines()}


def processes_naming(text):
    """Living processes that name the text (a lab's directory), or stand in a folder below it."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = Path("/proc", entry, "cmdline").read_bytes().replace(b"\0", b" ").decode()
            folder = os.readlink(f"/proc/{entry}/cwd")
        except OSError:  # ended meanwhile, or a zombie
            continue
        if (text in line or text in folder) and int(entry) != os.getpid():
            found.append(f"{entry} {line}")
    return found


class LabRunner:
    """One lab in a temporary directory; use as a context, so that it always ends."""

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="mxlab-", dir="/var/tmp")
        self.directory = Path(self._temporary.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("down")
        self._temporary.cleanup()

    def arguments(self, verb, *arguments):
        return [COMMAND, verb, "--dir", self.directory, *arguments]

    def run(self, verb, *arguments, environment=None):
        return subprocess.run(self.arguments(verb, *arguments), capture_output=True, text=True,
                              timeout=120, env={**os.environ, **(environment or {})})

    def json(self, verb, *arguments):
        done = self.run(verb, "--json", *arguments)
        if done.returncode != 0:
            raise AssertionError(f"lab {verb}: exit {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def begin(self, verb, *arguments):
        return subprocess.Popen(self.arguments(verb, *arguments), stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def leftovers(self):
        """What of this lab still lives: processes that name its directory, namespaces."""
        name = "mxlab-" + hashlib.sha256(
            str(self.directory.resolve()).encode()).hexdigest()[:8]
        left = processes_naming(str(self.directory))
        return left + [each for each in namespaces() if each == name]


def main():
    sys.dont_write_bytecode = True
    unittest.main(verbosity=2)
