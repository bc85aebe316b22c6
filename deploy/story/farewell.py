"""How a person goes on by hand: what to set, what to try, how to stop."""

import os
import shlex

from stage import DOMAIN, HERE, LAB

QUICKSTART = HERE.parent / "quickstart"


def environment(stage):
    """For a shell in which the story's commands can be typed."""
    path = f"{stage.programs.resolve()}:{LAB.parent}"
    settings = (("MXSWITCH_SERVER", stage.server),
                ("MXSWITCH_TOKEN_FILE", str(stage.token_file)),
                ("MXSWITCH_LAB_DIR", str(stage.directory.resolve())))
    lines = [f"export PATH={shlex.quote(path)}:$PATH"]
    return lines + [f"export {name}={shlex.quote(value)}" for name, value in settings]


def things_to_try(stage):
    """(what to type, what it shows)"""
    agent = stage.facts["mail"]["relays"][1]["agent"]
    return (
        (f"mxswitch status {DOMAIN}", "where the move stands; --explain: what it rests on"),
        (f"lab send --from me@outside.example --to joe@{DOMAIN}; sleep 3; lab mailbox joe",
         "mail from outside reaches joe's new mailbox"),
        (f"mxswitch history {DOMAIN}", "who did what, when and why"),
        (f"mxswitch rollback {DOMAIN} --reason \"trying the way back\"",
         f"to the old server; then: mxswitch unfreeze {DOMAIN} --reason tried"),
        (f"lab kill {agent}; sleep 3; mxswitch gates {DOMAIN}",
         f"a relay node that does not answer; lab start {agent} mends it"),
    )


def stop_command(stage):
    return shlex.join([str(QUICKSTART), "--stop", "--dir", str(stage.directory)])


def _as_root():
    """Lab and token are root's; whoever came here by sudo needs it again."""
    return ["sudo -s"] if os.environ.get("SUDO_UID") else []


def introduction(stage):
    lines = ["The commands that follow can be typed in another terminal, with this set:"]
    return "\n".join(lines + [f"  {each}" for each in _as_root() + environment(stage)])


def text(stage):
    lines = [f"\nLab and mxswitch go on; the page is at {stage.server}/d/{DOMAIN}.",
             "To go on by hand, type in any terminal:"]
    lines += [f"  {each}" for each in _as_root() + environment(stage)]
    lines += ["Five things to try:"]
    for number, (command, shows) in enumerate(things_to_try(stage), 1):
        lines += [f"  {number}. {command}", f"       {shows}"]
    lines += ["To stop, which ends and removes all of it:", f"  {stop_command(stage)}"]
    return "\n".join(lines)
