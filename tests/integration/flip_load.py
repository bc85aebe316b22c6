#!/usr/bin/python3
"""Sends to both relay nodes at a rate while it flips their route; runs inside the lab's network.

One argument: the job as JSON. Prints what was sent and how it went as JSON.
"""

import http.client
import json
import smtplib
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

LINES = 12
PATIENCE_S = 60  # for one message that a node defers


class Node:
    """The control API of one node."""

    def __init__(self, facts, domain):
        self._host = urlsplit(facts["api"]).netloc
        self._path = f"/v1/domains/{domain}"
        token = Path(facts["token_file"]).read_text(encoding="ascii").strip()
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def _request(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self._host, timeout=10)
        connection.request(method, self._path + path, json.dumps(body) if body else None,
                           {**self._headers, **headers})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status not in (200, 202):
            raise RuntimeError(f"{method} {path}: {answer.status}: {text.decode()}")
        return answer, json.loads(text)

    def set_mode(self, mode):
        """True when the queue manager was seen using it."""
        answer, row = self._request("GET", "")
        body = {"mode": mode, "op_id": str(uuid.uuid4()), "reason": "flip",
                "roster_digest": row["roster_digest"]}
        headers = {"If-Match": answer.getheader("ETag"), "Idempotency-Key": uuid.uuid4().hex}
        return self._request("PUT", "/route", body, **headers)[0].status == 200


class Load:
    def __init__(self, job):
        self.job = job
        self.sent, self.retries = {}, 0
        self._lock = threading.Lock()
        self.begun = time.monotonic() + 0.5

    def run(self):
        with ThreadPoolExecutor(LINES) as pool:
            list(pool.map(self._line, range(LINES)))
        return time.monotonic() - self.begun

    def _line(self, line):
        # Half of the clients keep their connection, as a big provider's would; half never do.
        keep, client = line % 2 == 0, None
        for index in range(line, self.job["messages"], LINES):
            time.sleep(max(0.0, self.begun + index / self.job["rate"] - time.monotonic()))
            client = self._deliver(client, index)
            if not keep and client:
                client.close()
                client = None
        if client:
            client.quit()

    def _deliver(self, client, index):
        identity = uuid.uuid4().hex
        recipients = self.job["recipients"]
        name = recipients[index % len(recipients)]
        message = (f"From: {self.job['sender']}\r\nTo: {name}@{self.job['domain']}\r\n"
                   f"Subject: flip {index}\r\nMessage-ID: <{identity}@outside.example>\r\n"
                   f"X-Flip: {identity}\r\n\r\nflip\r\n")
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                client = client or self._connect(index)
                client.sendmail(self.job["sender"], [f"{name}@{self.job['domain']}"], message)
                break
            except (smtplib.SMTPException, OSError) as error:
                self._judge(error, until)
                client = None
        with self._lock:
            self.sent[identity] = name
        return client

    def _connect(self, index):
        relays = self.job["relays"]
        return smtplib.SMTP(relays[(index // LINES + index) % len(relays)]["address"], 25,
                            local_hostname="mail.outside.example", timeout=30)

    def _judge(self, error, until):
        """A 4xx is tried again as any sender would; anything final ends the test."""
        codes = [code for code, _ in getattr(error, "recipients", {}).values()]
        codes.append(getattr(error, "smtp_code", 0))
        if any(code >= 500 for code in codes) or time.monotonic() > until:
            raise error
        with self._lock:
            self.retries += 1
        time.sleep(0.2)


def flip(job, load, ended):
    """Alternates between hosted (through split, as a switch does) and forward, evenly in time."""
    nodes = [Node(each, job["domain"]) for each in job["relays"]]
    pause = job["messages"] / job["rate"] / (job["flips"] + 1)
    in_force, writes, within = 0, 0, 0
    with ThreadPoolExecutor(len(nodes)) as pool:
        for number in range(job["flips"]):
            time.sleep(max(0.0, load.begun + (number + 1) * pause - time.monotonic()))
            for mode in ("forward",) if number % 2 else ("split", "hosted"):
                seen = list(pool.map(lambda node, mode=mode: node.set_mode(mode), nodes))
                in_force += sum(seen)
                writes += len(seen)
            within += not ended.is_set()
    return {"in_force": in_force, "writes": writes, "flips_within": within}


def main():
    job = json.loads(sys.argv[1])
    load, ended = Load(job), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        flips = pool.submit(flip, job, load, ended)
        seconds = load.run()
        ended.set()
        facts = flips.result()
    print(json.dumps({"sent": load.sent, "retries": load.retries, "seconds": seconds,
                      "rate": job["messages"] / seconds, **facts}))


if __name__ == "__main__":
    main()
