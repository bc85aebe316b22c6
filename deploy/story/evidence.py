"""What the other side saw: mailboxes, mail logs, the lab's DNS. Never what mxswitch says."""

import re

from narrator import StoryFailed, until
from stage import DOMAIN

PATIENCE_S = 30


def subjects(messages):
    return [each["subject"] for each in messages]


def in_old_mailbox(stage, user, subject):
    def look():
        return subject in subjects(stage.lab_json("old-mailbox", user))
    until(f"\"{subject}\" in {user}'s mailbox at the old server", PATIENCE_S, look)
    return f"{user}'s old mailbox holds \"{subject}\""


def in_hosted_mailbox(stage, user, subject, times=1):
    def look():
        count = subjects(stage.lab_json("mailbox", user)).count(subject)
        if count > times:
            raise StoryFailed(f"{count} copies")
        return count == times
    until(f"\"{subject}\" in {user}'s hosted mailbox", PATIENCE_S, look)
    return f"{user}'s hosted mailbox holds \"{subject}\"" + (" once" if times == 1 else "")


def not_in_old_mailbox(stage, user, subject):
    if subject in subjects(stage.lab_json("old-mailbox", user)):
        raise StoryFailed(f"\"{subject}\" also reached the old server")


def by_imap(stage, user, subject):
    hosted = stage.facts["mail"]["hosted"]["address"]

    def look():
        seen = stage.client("imap", hosted, f"{user}@{DOMAIN}", stage.password_files[user])
        if not seen["login"]:
            raise StoryFailed(f"IMAP login of {user}: {seen['why']}")
        return subject in seen["subjects"]
    until(f"\"{subject}\" read by IMAP as {user}", PATIENCE_S, look)
    return f"{user} reads \"{subject}\" by IMAP at {hosted}"


def at_outside(stage, address, subject):
    def look():
        return subject in subjects(stage.lab_json("sink")["mailboxes"].get(address, []))
    until(f"\"{subject}\" at {address}", PATIENCE_S, look)
    return f"{address} got \"{subject}\""


def passed_relay(stage, recipient):
    """The node whose mail log shows the recipient sent on to the old server."""
    old = re.escape(stage.facts["mail"]["old"]["address"])
    line = re.compile(rf"to=<{re.escape(recipient)}>.*relay={old}\[.*status=sent")

    def look():
        for relay in stage.facts["mail"]["relays"]:
            log = stage.lab("mail-log", relay["name"]).stdout
            if line.search(log):
                return relay["name"]
        return None
    node = until(f"a relay's log with {recipient} sent to the old server", PATIENCE_S, look)
    return f"{node}'s log: {recipient} sent on to the old server"


def relay_modes(stage):
    """The mode that each node's own control API tells, as soon as it is in force there."""
    modes = {}
    for relay in stage.facts["mail"]["relays"]:
        row = stage.client("route", relay["api"], relay["token_file"], DOMAIN)
        modes[relay["node"]] = row["mode"] if row["in_force"] else f"{row['mode']}, not in force"
    return modes


def all_on(stage, mode):
    modes = relay_modes(stage)
    if set(modes.values()) != {mode}:
        raise StoryFailed(f"the relays tell {modes}")
    return modes


def answers(stage):
    return stage.lab_json("dig-all")


def webhook_alert(stage, kind):
    def look():
        for request in stage.lab_json("sink")["webhook"]:
            if request["body"].get("kind") == kind:
                return request["body"]
        return None
    return look


def mailed_alert(stage, address, start):
    def look():
        for message in stage.lab_json("sink")["mailboxes"].get(address, []):
            if message["subject"].startswith(start):
                return message
        return None
    return look
