"""One lab: its directory, network, servers, and the facts that others read in lab.json."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
from pathlib import Path

import labnet
from errors import LabError
from supervise import Supervisor

_MARKER = ".mxswitch-lab"
READY_PATIENCE_S = 15.0


class Interrupted(Exception):
    """SIGINT, SIGTERM or SIGHUP came while the lab was being started."""

    def __init__(self, number):
        super().__init__(f"interrupted by {signal.Signals(number).name}")
        self.number = number


class Interruption:
    """Notes a signal instead of raising in the middle of a step; check() raises between steps."""

    def __init__(self):
        self._number = 0

    def __enter__(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        return self

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    def _note(self, number, _frame):
        self._number = self._number or number

    def check(self):
        if self._number:
            raise Interrupted(self._number)


class Lab:
    """A handle on the lab in a directory, running or not."""

    def __init__(self, directory):
        self.directory = Path(directory).resolve()
        self.facts_file = self.directory / "lab.json"
        self.facts = json.loads(self.facts_file.read_text()) if self.facts_file.exists() else {}
        self.supervisor = Supervisor(self.directory)
        self.network = self._known_network()
        self.interruption = Interruption()

    def _known_network(self):
        # Without facts (killed early) the named kind is the only one that can outlive us.
        kind = self.facts.get("network", {}).get("kind", "netns")
        return labnet.KINDS[kind](self.directory)

    def at(self, public):
        """The address that stands for a public one in this lab's network."""
        return self.network.address(public)

    @property
    def running(self):
        alive = self.supervisor.alive  # none is after a reboot
        return self.facts.get("state") == "up" and any(map(alive, self.supervisor.ledger))

    def need_running(self):
        if not self.running:
            raise LabError(f"no lab is up in {self.directory}; start one: deploy/lab/lab up "
                           f"--dir {self.directory}")
        return self

    def need_mail(self):
        if "mail" not in self.need_running().facts:
            raise LabError(f"the lab in {self.directory} has no mail half; start it without "
                           "--dns-only, as root")
        return self

    def enter(self):
        """Moves this process into the lab's network for good."""
        self.network.enter(self.facts.get("resolv_conf"))
        return self

    def save(self, **facts):
        self.facts.update(facts)
        fresh = self.facts_file.with_suffix(".new")
        fresh.write_text(json.dumps(self.facts, indent=1) + "\n")
        fresh.replace(self.facts_file)

    def serve(self, name, argv):
        self.interruption.check()
        self.supervisor.start(name, argv)

    def await_ready(self, name, ready):
        self.supervisor.wait_until(name, ready, READY_PATIENCE_S, self.interruption.check)

    def _claim_directory(self):
        """Marks an empty directory as a lab's; one with other files in it is refused."""
        marker = self.directory / _MARKER
        self.directory.mkdir(parents=True, exist_ok=True)
        if not marker.exists() and any(self.directory.iterdir()):
            raise LabError(f"{self.directory} holds other files; name an empty directory with "
                           "--dir")
        marker.touch()
        self.directory.chmod(0o755)  # servers under other user ids read below it

    def empty_directory(self):
        """Removes what an earlier lab left in its directory."""
        for entry in self.directory.iterdir():
            if entry.name in (_MARKER, "lock"):
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def teardown(self):
        """Ends every process and the network; may be repeated."""
        self.supervisor.stop_all(self.network)
        self.network.delete()
        shutil.rmtree(self.directory / "secrets", ignore_errors=True)
        self.facts_file.unlink(missing_ok=True)
        self.facts = {}

    @contextlib.contextmanager
    def locked(self):
        """One change of the lab's servers at a time; the lock ends with the process."""
        self._claim_directory()
        with open(self.directory / "lock", "w", encoding="ascii") as lock:
            os.set_inheritable(lock.fileno(), False)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LabError(f"another command is at work on the lab in {self.directory}; "
                               "wait for it or end it") from error
            yield
