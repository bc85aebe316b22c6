"""Hands messages in, run inside a lab: one transaction each, over one connection to each server.

Standard input: a JSON list of {"address", "recipient", "subject"}. Standard output: for each, in
order, [code and text of RCPT or of the end of the message, time].
"""

import json
import smtplib
import sys
import time
from concurrent.futures import ThreadPoolExecutor

SENDER = "ann@outside.example"


def transaction(client, message):
    client.command_encoding = "utf-8"  # rset() forgets it
    client.docmd(f"MAIL FROM:<{SENDER}>")
    code, text = client.docmd(f"RCPT TO:<{message['recipient']}>")
    if code == 250:
        code, text = client.data(f"From: {SENDER}\r\nTo: somebody@shop.example\r\n"
                                 f"Subject: {message['subject']}\r\n\r\ntext\r\n")
    else:
        client.rset()
    return [code, text.decode("utf-8", "replace"), time.time()]


def work(messages):
    with smtplib.SMTP(messages[0]["address"], 25, timeout=60) as client:
        client.ehlo("mail.outside.example")
        return [transaction(client, each) for each in messages]


def main():
    messages = json.load(sys.stdin)
    by_address = {}
    for index, message in enumerate(messages):
        by_address.setdefault(message["address"], []).append(index)
    shares = list(by_address.values())
    answers = [None] * len(messages)
    with ThreadPoolExecutor(len(shares)) as pool:
        done = pool.map(work, [[messages[i] for i in share] for share in shares])
        for share, found in zip(shares, done):
            for index, answer in zip(share, found):
                answers[index] = answer
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
