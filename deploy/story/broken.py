"""The story with one thing broken: each world must wait or fail with the named reason, and the
relay must stay on forward."""

import time

import acts
from narrator import StoryFailed, short, until
from stage import DOMAIN, NEW_MX

SETTLED_S = 75  # an unbroken world, its secondary in step, is READY before that


def _begin(stage, plant=True):
    acts.plan_and_roster(stage)
    acts.contacts(stage)
    if plant:
        acts.plant(stage)
    stage.lab("set-mx", NEW_MX)


def _gate(stage, name):
    gates = {each["id"]: each for each in stage.snapshot()["gates"]}
    return gates[name]


def _still_forward(stage):
    modes = {each["mode"] for each in stage.snapshot()["relay"]["nodes"] if each["reachable"]}
    if modes - {"forward"}:
        raise StoryFailed(f"nodes are on {modes}")


def _refused_for(stage, gate):
    digest = stage.snapshot()["plan_digest"]
    done = stage.mxswitch("switch", DOMAIN, "--plan", digest, "--reason", "must not happen",
                          check=False)
    text = done.stdout + done.stderr
    if done.returncode != 3 or gate not in text:
        raise StoryFailed(f"switch: exit {done.returncode}: {short(text)}")
    _still_forward(stage)


def _closed(stage, gate, words, patience_s):
    def look():
        judged = _gate(stage, gate)
        said = judged["verdict"] not in ("pass", "not_asked") and \
            any(word in judged["why"] for word in words)
        if not said:
            raise StoryFailed(f"{gate} is {judged['verdict']}: {short(judged['why'])}")
        return judged["why"]
    return until(f"{gate} closed because of {' or '.join(words)}", patience_s, look, pause_s=1)


def never_expires(stage):
    """A resolver keeps the old MX for a day."""
    _begin(stage)
    stage.lab("sync-secondary")
    why = _closed(stage, "propagation", ("stale", "old", "holds"), SETTLED_S)
    _never_ready(stage, SETTLED_S)
    named = until("the resolver named", 30, lambda: [
        each["reason"] for each in stage.snapshot()["resolvers"]
        if each["name"].startswith("Quad9") and (each["stretcher"] or each["violator"])])
    _refused_for(stage, "propagation")
    why = f"{named[0]}; {why}"
    return f"waits: {short(why, 140)}"


def agent_killed(stage):
    """One relay node's agent is dead: it can't be switched, so nothing is."""
    _begin(stage)
    stage.lab("sync-secondary")
    stage.lab("kill", stage.facts["mail"]["relays"][1]["agent"])
    why = _closed(stage, "relay", ("reach", "connect", "answer"), 60)
    _refused_for(stage, "relay")
    return f"waits: {short(why, 140)}"


def old_server_down(stage):
    """The old server is down: forwarding does not work, and the way back would not either."""
    stage.lab("kill", "old")
    _begin(stage)
    stage.lab("sync-secondary")
    why = _closed(stage, "old-server", ("connect", "refused", "timed out"), 60)
    _refused_for(stage, "old-server")
    return f"waits: {short(why, 140)}"


def alert_channel_dead(stage):
    """Nobody would hear an alert."""
    _begin(stage)
    stage.lab("sync-secondary")
    for name in ("webhook", "outside"):
        stage.lab("kill", name)
    why = _closed(stage, "contact", ("deliver", "fail", "reach"), 60)
    _refused_for(stage, "contact")
    return f"waits: {short(why, 140)}"


def never_synced(stage):
    """The secondary never fetches the zone."""
    _begin(stage)
    why = _closed(stage, "authority", ("ns2",), 30)
    _never_ready(stage, SETTLED_S)
    _refused_for(stage, "authority")
    return f"waits: {short(why, 140)}"


def _never_ready(stage, seconds):
    """Looks for as long as an unbroken world takes to become READY."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if stage.snapshot()["verdict"] == "ready":
            raise StoryFailed("READY although the world is broken")
        time.sleep(2)


# name, options of `lab up`, the world
WORLDS = (
    ("a resolver that never expires", ("--sticky", "quad9"), never_expires),
    ("one agent killed", (), agent_killed),
    ("old server down", (), old_server_down),
    ("alert channel dead", (), alert_channel_dead),
    ("secondary never synced", (), never_synced),
)
