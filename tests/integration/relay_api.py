"""The relay control API of one node in a lab, as far as the integration tests steer it."""

import json
import os
import subprocess
import sys
import unittest
import uuid
from pathlib import Path

DOMAIN = "shop.example"
HELPER = Path(__file__).with_name("http_inside.py")
ALIASES = {"info": ["mary"], "merry": ["mary"], "sales": ["mary", "jane"], "janitor": ["joe"],
           "dan": ["dan@yahoo.com"]}


def skip_without_relay():
    programs = os.environ.get("MXSWITCH_PROGRAMS", "")
    if not Path(programs, "mxswitch-relay").exists():
        raise unittest.SkipTest("SKIPPED: no mxswitch-relay in MXSWITCH_PROGRAMS; build it")


def password_hash(password):
    done = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True,
                          capture_output=True, check=True)
    return "{SHA512-CRYPT}" + done.stdout.strip()


def roster():
    """joe, mary and jane may log in; newbie has a password that must be changed first."""
    accounts = [{"name": name, "password_hash": password_hash(f"{name}s-password"),
                 "must_change_password": False} for name in ("joe", "mary", "jane")]
    accounts.append({"name": "newbie", "password_hash": password_hash("default-password"),
                     "must_change_password": True})
    return {"accounts": accounts,
            "aliases": [{"name": name, "targets": each} for name, each in ALIASES.items()]}


class RelayApi:
    """One node. Requests are made by a helper process inside the lab; close() ends it."""

    def __init__(self, lab, facts, domain=DOMAIN):
        self._path = f"/v1/domains/{domain}"
        self._url = facts["api"]
        self._token = Path(facts["token_file"]).read_text(encoding="ascii").strip()
        self._helper = subprocess.Popen(
            lab.arguments("exec", "--", sys.executable, HELPER), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        self._helper.stdin.close()
        self._helper.wait(10)
        self._helper.stdout.close()

    def domain(self):
        return self._request("GET", "")[0]

    def answers(self):
        try:
            return bool(self.domain())
        except AssertionError:
            return False

    def create(self, forward, hosted):
        return self._write("PUT", "", {"forward": forward, "hosted": hosted, **_who()},
                           {"If-None-Match": "*"})

    def load(self, made):
        return self._write("PUT", "/roster", made, {"If-Match": self._etag("/roster")})

    def set_mode(self, mode):
        domain, etag = self._request("GET", "")
        body = {"mode": mode, "roster_digest": domain["roster_digest"], **_who()}
        return self._write("PUT", "/route", body, {"If-Match": etag})

    def probe(self, kind):
        return self._write("POST", "/probes", {"kind": kind}, {})

    def read_probe(self, identity):
        return self._request("GET", f"/probes/{identity}")[0]

    def flow(self, since="2020-01-01T00:00:00Z"):
        return self._request("GET", f"/flow?since={since}")[0]

    def queue(self):
        return self._request("GET", "/queue")[0]

    def _etag(self, path):
        return self._request("GET", path)[1]

    def _write(self, method, path, body, conditions):
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4()),
                   **conditions}
        return self._request(method, path, body, headers)[0]

    def _request(self, method, path, body=None, headers=None):
        request = {"method": method, "url": self._url + self._path + path, "body": body,
                   "headers": {"Authorization": f"Bearer {self._token}", **(headers or {})}}
        self._helper.stdin.write(json.dumps(request) + "\n")
        self._helper.stdin.flush()
        answer = json.loads(self._helper.stdout.readline())
        if answer["status"] // 100 != 2:
            raise AssertionError(f"{method} {path}: {answer['status']}: {answer['text']}")
        return json.loads(answer["text"]), answer["headers"].get("etag")


def _who():
    return {"op_id": str(uuid.uuid4()), "reason": "a test"}
