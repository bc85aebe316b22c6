"""Hands mail to the outside server, which looks up the MX by itself and delivers it."""

import smtplib
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

CONNECTIONS = 4


def _message(sender, recipients, subject, identity):
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["Message-ID"] = f"<{identity}@outside.example>"
    message.set_content(f"Sent by the lab's outside server.\nIdentity: {identity}\n")
    return message


class _Line:
    """One SMTP connection that sends its share of the messages at their due times."""

    def __init__(self, address, sender, recipients):
        self._address = address
        self._sender = sender
        self._recipients = recipients

    def run(self, share):
        with smtplib.SMTP(self._address, 25, timeout=30) as client:
            return [self._send(client, *each) for each in share]

    def _send(self, client, due, subject, identity):
        time.sleep(max(0.0, due - time.monotonic()))
        message = _message(self._sender, self._recipients, subject, identity)
        try:
            client.send_message(message, self._sender, self._recipients)
            return {"identity": identity, "subject": subject, "accepted": True}
        except smtplib.SMTPException as error:
            client.rset()
            return {"identity": identity, "subject": subject, "accepted": False,
                    "why": str(error)}


def send(address, sender, recipients, subject, count=1, rate=50.0):
    """Sends `count` messages at `rate` a second; one fact a message, in order of their due time."""
    begun = time.monotonic()
    jobs = [(begun + index / rate, subject if count == 1 else f"{subject} {index + 1}/{count}",
             uuid.uuid4().hex) for index in range(count)]
    lines = min(CONNECTIONS, count)
    with ThreadPoolExecutor(lines) as pool:
        shares = pool.map(_Line(address, sender, recipients).run,
                          [jobs[first::lines] for first in range(lines)])
        sent = {each["identity"]: each for share in shares for each in share}
    return [sent[identity] for _, _, identity in jobs]
