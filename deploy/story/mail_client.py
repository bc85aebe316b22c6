#!/usr/bin/python3
"""What a mail client or a sending server sees; run inside the lab. Prints one JSON object.

imap ADDRESS USER PASSWORD-FILE      logs in and lists the INBOX
auth ADDRESS PORT USER PASSWORD-FILE tries AUTH at submission
rcpt ADDRESS RECIPIENT               offers a message for the recipient, sends none
route API TOKEN-FILE DOMAIN          asks a relay's own control API where the domain's mail goes
"""

import email
import email.policy
import imaplib
import json
import smtplib
import ssl
import sys
import urllib.request
from pathlib import Path


def _anybody():
    """The lab's certificates are its own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _messages(client):
    client.select("INBOX", readonly=True)
    numbers = client.search(None, "ALL")[1][0].split()
    for number in numbers:
        text = client.fetch(number, "(BODY.PEEK[])")[1][0][1]
        yield email.message_from_bytes(text, policy=email.policy.default)


def imap(address, user, password_file):
    password = Path(password_file).read_text().strip()
    with imaplib.IMAP4(address, timeout=10) as client:
        if "STARTTLS" in client.capabilities:
            client.starttls(_anybody())
        try:
            client.login(user, password)
        except imaplib.IMAP4.error as error:
            return {"login": False, "why": str(error)}
        return {"login": True, "subjects": [str(each["subject"]) for each in _messages(client)]}


def auth(address, port, user, password_file):
    password = Path(password_file).read_text().strip()
    with smtplib.SMTP(address, int(port), timeout=20) as client:
        client.ehlo("client.outside.example")
        if client.has_extn("starttls"):
            client.starttls(context=_anybody())
            client.ehlo("client.outside.example")
        try:
            code, text = client.login(user, password)
        except smtplib.SMTPAuthenticationError as error:
            code, text = error.smtp_code, error.smtp_error
        return {"code": code, "text": text.decode(errors="replace")}


def rcpt(address, recipient):
    with smtplib.SMTP(address, 25, timeout=20) as client:
        client.ehlo("mail.outside.example")
        client.mail("sender@outside.example")
        code, text = client.rcpt(recipient)
        return {"code": code, "text": text.decode(errors="replace")}


def route(api, token_file, domain):
    token = Path(token_file).read_text().strip()
    request = urllib.request.Request(f"{api}/v1/domains/{domain}",
                                     headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        row = json.load(answer)
    return {"mode": row["mode"], "generation": row["generation"],
            "in_force": row["in_force"]["generation"] == row["generation"]}


if __name__ == "__main__":
    print(json.dumps({"imap": imap, "auth": auth, "rcpt": rcpt, "route": route}[sys.argv[1]](*sys.argv[2:])))
