"""mxswitch in a lab of its own that is ended the hard way and started again, and what the other
sides (relay nodes, mailboxes, history) say about it afterwards."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab_runner import SOURCE
from relay_api import RelayApi

sys.path.insert(0, str(SOURCE / "deploy" / "story"))

import acts  # noqa: E402
import stage as story  # noqa: E402
from narrator import StoryFailed, until  # noqa: E402

DOMAIN, OLD_MX = story.DOMAIN, story.OLD_MX
SERVE = "mxswitch"  # its name among the lab's servers
SENDER = "friend@outside.example"
# Everything shorter than in the story: nobody watches here.
SHORTER = {'floor = "10s"': 'floor = "2s"', 'settle = "10s"': 'settle = "2s"', "k = 7": "k = 3",
           'delta = "2s"': 'delta = "1s"'}
# They keep records for a minute and half of one; the story is about them.
LEFT_OUT = ("116.203.32.217", "195.186.1.111")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Lab:
    """Makes the arguments of `lab`, as RelayApi wants them."""

    def __init__(self, directory):
        self._directory = directory

    def arguments(self, verb, *words):
        return [sys.executable, story.LAB, verb, "--dir", self._directory, *words]


class CrashWorld:
    """The story's stage, brought to `ready`, with a serve that can be killed."""

    def __init__(self, programs):
        self._temporary = tempfile.TemporaryDirectory(prefix="mxcrash-", dir="/var/tmp")
        self.stage = story.Stage(self._temporary.name, programs, free_port())
        self.nodes = []
        self._mail = []

    def close(self):
        """The lab ends whatever else fails: an interrupt ends the nodes' helpers too."""
        try:
            for node in self.nodes:
                node.close()
        finally:
            self.stage.down()
            self._temporary.cleanup()

    # ---- the way to ready ----

    def open(self):
        stage = self.stage
        stage.up("--mx-ttl", "12")
        stage.lab("set-record", DOMAIN, "TXT", acts.spf_record(stage))
        stage.lab("sync-secondary")
        self._shorten()
        stage.prepare()
        stage.serve()
        acts.plan_and_roster(stage)
        acts.contacts(stage)
        acts.plant(stage)
        stage.lab("set-mx", story.NEW_MX)
        stage.lab("sync-secondary")
        self.nodes = [RelayApi(Lab(stage.directory), each)
                      for each in stage.facts["mail"]["relays"]]

    def _shorten(self):
        plan = story.PLAN
        for longer, shorter in SHORTER.items():
            if longer not in plan:
                raise AssertionError(f"the story's plan has no {longer}")
            plan = plan.replace(longer, shorter)
        story.PLAN = plan
        resolvers = Path(self.stage.facts["resolvers_csv"])
        kept = [line for line in resolvers.read_text().splitlines(keepends=True)
                if not any(address in line for address in LEFT_OUT)]
        resolvers.write_text("".join(kept))

    # ---- the end and the start of serve ----

    def _pid(self, server):
        return json.loads((self.stage.directory / "processes.json").read_text())[server]["pid"]

    def kill_serve(self):
        os.kill(self._pid(SERVE), signal.SIGKILL)

    def kill_at_first_write(self, agent):
        """Kills an agent the moment the first node is not on forward any more."""
        pid = self._pid(agent)
        deadline = time.monotonic() + 20
        while self.nodes[0].domain()["mode"] == "forward" and time.monotonic() < deadline:
            pass
        os.kill(pid, signal.SIGKILL)

    def start_serve(self):
        self.stage.lab("start", SERVE)
        until("serve answers after its start", 30, lambda: self.snapshot())

    # ---- commands ----

    def begin(self, *words):
        """A command of a person, whose client may see the server die."""
        environment = dict(os.environ, MXSWITCH_SERVER=self.stage.server,
                           MXSWITCH_TOKEN_FILE=str(self.stage.token_file))
        return subprocess.Popen([self.stage.programs / "mxswitch", *words], env=environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def switch(self, reason):
        digest = self.snapshot()["plan_digest"]
        return self.begin("switch", DOMAIN, "--plan", digest, "--reason", reason)

    def rollback(self, reason):
        return self.begin("rollback", DOMAIN, "--reason", reason)

    def unfreeze(self):
        """A rollback freezes the switchover; whoever goes on says so."""
        if not self.snapshot()["frozen"]:
            return
        client = self.begin("unfreeze", DOMAIN, "--reason", "the rollback is understood")
        told = client.communicate(timeout=60)[0]
        if client.returncode != 0:
            raise AssertionError(f"unfreeze: {told}")

    # ---- what is seen ----

    def snapshot(self):
        return self.stage.snapshot()

    def state(self):
        return self.snapshot()["state"]

    def until_state(self, *states, patience_s=60):
        def look():
            snapshot = self.snapshot()
            if snapshot["state"] in states:
                return snapshot
            raise StoryFailed(f"it is {snapshot['state']}: {snapshot['waiting_for']}")
        return until(f"state {' or '.join(states)}", patience_s, look, pause_s=0.1)

    def drain(self):
        """Right after a start it is told as unknown until the first judgement."""
        def look():
            drain = self.snapshot()["drain"]
            return drain if drain["strict_until"] else None
        return until("the drain's bound", 20, look)

    def history_of(self, reason):
        """The records that name this reason, oldest first."""
        return [each for each in self.snapshot()["history"] if each["why"] == reason]

    def routes(self):
        """What the nodes themselves say."""
        return [node.domain() for node in self.nodes]

    # ---- mail ----

    def send(self, subject):
        """Sends to joe beside whatever happens; `mail_arrived_once` asks for it at the end."""
        self._mail.append((subject, subprocess.Popen(
            self.stage_arguments("send", "--from", SENDER, "--to", f"joe@{DOMAIN}", "--subject",
                                 subject), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)))

    def stage_arguments(self, verb, *words):
        return Lab(self.stage.directory).arguments(verb, *words)

    def mail_arrived_once(self, patience_s=60):
        for subject, sender in self._mail:
            told = sender.communicate(timeout=60)[0].decode()
            if sender.returncode != 0:
                raise AssertionError(f"{subject} was not accepted: {told}")
        wanted = {subject: 1 for subject, _ in self._mail}

        def look():
            found = [each["subject"] for verb in ("old-mailbox", "mailbox")
                     for each in self.stage.lab_json(verb, "joe")]
            counts = {subject: found.count(subject) for subject in wanted}
            if counts == wanted:
                return counts
            raise StoryFailed(f"{({s: n for s, n in counts.items() if n != 1})}")
        return until("every message in exactly one mailbox", patience_s, look, pause_s=1)


def pause_until(moment):
    time.sleep(max(0.0, moment - time.monotonic()))
