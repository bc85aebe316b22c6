"""Starts, records and ends the lab's servers.

Every server runs in the foreground in a session of its own. Its pid and start time are written
to the ledger at once, so that a lab can be ended by another process, also after a crash, and a
pid that was used again is never killed.
"""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from errors import ServerFailed

TERM_GRACE_S = 2.0
POLL_S = 0.02


def _stat_fields(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        return stat.read().rpartition(")")[2].split()


def start_time(pid):
    """When the process began, in clock ticks since boot; None if it is gone or a zombie."""
    try:
        fields = _stat_fields(pid)
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _boot():
    """Start times count from the boot: those of an earlier one say nothing."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def end_all(processes, grace_s=TERM_GRACE_S):
    """Ends (pid, start time) pairs: SIGTERM, then SIGKILL for those that do not listen."""
    for signal_number, patience_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 2.0)):
        living = [each for each in processes if start_time(each[0]) == each[1]]
        for pid, _ in living:
            try:
                os.kill(pid, signal_number)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + patience_s
        while living and time.monotonic() < deadline:
            time.sleep(POLL_S)
            living = [each for each in living if start_time(each[0]) == each[1]]
        if not living:
            return


def _living():
    """(pid, parent, session, start time) of every process that is no zombie."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = _stat_fields(entry)
        except OSError:  # ended meanwhile
            continue
        if fields[0] not in "ZX":
            yield int(entry), int(fields[1]), int(fields[3]), int(fields[19])


def family(heads):
    """(pid, start time) of these processes, their descendants and all in their sessions.

    A session alone is not enough: Postfix's master leaves the one of the script that starts it.
    """
    living = list(_living())
    pids, known = set(heads), 0
    while len(pids) > known:
        known = len(pids)
        pids |= {pid for pid, parent, session, _ in living if parent in pids or session in pids}
    return [(pid, started) for pid, _, _, started in living if pid in pids]


def own_ancestry():
    """This process and all above it: never to be ended by us."""
    pid, found = os.getpid(), set()
    while pid > 0:
        found.add(pid)
        pid = int(_stat_fields(pid)[1])
    return found


class Supervisor:
    """The ledger `processes.json` of one lab, and what is done with it."""

    def __init__(self, directory):
        self._file = Path(directory) / "processes.json"
        self._logs = Path(directory) / "log"
        self.ledger = json.loads(self._file.read_text()) if self._file.exists() else {}

    def _save(self):
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self.ledger, indent=1))
        fresh.replace(self._file)

    def start(self, name, argv=None, cwd="/"):
        """Starts a server, with argv a new one, and answers its pid; a living one is left alone."""
        if argv is not None:
            self.ledger[name] = {"argv": [str(each) for each in argv], "cwd": str(cwd), "pid": 0,
                                 "log": str(self._logs / f"{name}.out")}
        entry = self.ledger[name]
        if self.alive(name):
            return entry["pid"]
        self._logs.mkdir(parents=True, exist_ok=True)
        with open(entry["log"], "ab") as log:
            try:
                child = subprocess.Popen(entry["argv"], cwd=entry["cwd"], stdout=log, stderr=log,
                                         stdin=subprocess.DEVNULL, start_new_session=True)
            except OSError as error:
                raise ServerFailed(f"{name}: cannot run {entry['argv'][0]}: {error.strerror}; "
                                   "install what deploy/packages/lab.txt lists") from error
        entry.update(pid=child.pid, start_time=start_time(child.pid), boot=_boot())
        child.returncode = 0  # it outlives us: no warning when the handle is dropped
        self._save()
        return child.pid

    def alive(self, name):
        entry = self.ledger[name]
        return (entry["pid"] > 0 and entry["boot"] == _boot()
                and start_time(entry["pid"]) == entry["start_time"] is not None)

    def log_tail(self, name, lines=8):
        try:
            text = Path(self.ledger[name]["log"]).read_text(errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join("    " + line for line in text.splitlines()[-lines:])

    def failed(self, name, why):
        return ServerFailed(f"{name}: {why}; end of {self.ledger[name]['log']}:\n"
                            f"{self.log_tail(name)}")

    def wait_until(self, name, ready, patience_s, check=lambda: None):
        """Waits until ready() is true; fails as soon as the server has ended."""
        deadline = time.monotonic() + patience_s
        while not ready():
            check()
            if not self.alive(name):
                raise self.failed(name, "ended right after its start")
            if time.monotonic() > deadline:
                raise self.failed(name, f"not ready after {patience_s:g} s")
            time.sleep(POLL_S)

    def stays(self, name, trial_s=0.3):
        """Fails if a program of which no answer is known ends during its first moments."""
        deadline = time.monotonic() + trial_s
        self.wait_until(name, lambda: time.monotonic() > deadline, trial_s + 1)

    def wait_for_output(self, name, text, patience_s=5.0):
        log = Path(self.ledger[name]["log"])
        self.wait_until(name, lambda: text in log.read_text(errors="replace"), patience_s)

    def stop(self, name):
        """Ends one server and all that it started."""
        if self.alive(name):
            end_all(family([self.ledger[name]["pid"]]))
        self.ledger[name]["pid"] = 0
        self._save()

    def stop_all(self, network):
        """Ends every recorded server, then whatever else still lives in the network."""
        end_all(family(self.ledger[name]["pid"] for name in self.ledger if self.alive(name)))
        spared = own_ancestry()
        strays = [(pid, start_time(pid)) for pid in network.pids() if pid not in spared]
        end_all([each for each in strays if each[1] is not None], grace_s=0.5)
        self.ledger.clear()
        self._file.unlink(missing_ok=True)
