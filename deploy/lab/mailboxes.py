"""What lies in the mailboxes, read from the receiving side's own store."""

import email
import email.policy
import subprocess
from pathlib import Path

_SHOWN = ("from", "to", "subject", "message-id", "delivered-to", "return-path")


def _summary(text):
    message = email.message_from_bytes(text, policy=email.policy.compat32)
    seen = {name.replace("-", "_"): str(message[name] or "") for name in _SHOWN}
    body = message.get_payload(decode=not message.is_multipart())
    seen["body"] = body.decode("utf-8", "replace") if isinstance(body, bytes) else ""
    return seen


def in_maildir(directory):
    """The messages of a maildir, oldest first; none if it was never delivered to."""
    files = [each for part in ("new", "cur") for each in Path(directory, part).glob("*")]
    return [_summary(each.read_bytes()) for each in sorted(files, key=lambda each: each.stat()
                                                           .st_mtime_ns)]


def in_dovecot(configuration, user):
    """The messages of a user's INBOX as Dovecot itself tells them; None: no such user."""
    done = subprocess.run(["doveadm", "-c", str(configuration), "fetch", "-u", user, "text",
                           "mailbox", "INBOX"], capture_output=True)
    if done.returncode != 0:
        return None
    parts = done.stdout.split(b"text:\n")[1:]
    return [_summary(each.removesuffix(b"\x0c\n")) for each in parts]
