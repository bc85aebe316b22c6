"""The relay control API of one node in a lab, as far as the integration tests steer it."""

import json
import os
import subprocess
import unittest
import uuid
from pathlib import Path

DOMAIN = "shop.example"
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
    """One node. Requests are made inside the lab by curl; the token stays in a file."""

    def __init__(self, lab, facts):
        self._lab = lab
        self._url = f"{facts['api']}/v1/domains/{DOMAIN}"
        self._header = lab.directory / "secrets" / f"{facts['name']}.header"
        self._header.touch(mode=0o600)
        token = Path(facts["token_file"]).read_text(encoding="ascii").strip()
        self._header.write_text(f"Authorization: Bearer {token}\n")

    def _request(self, method, path, body=None, *headers):
        arguments = ["curl", "-s", "-X", method, "-H", f"@{self._header}", "-w",
                     r"\n%{http_code}", self._url + path]
        for each in headers:
            arguments += ["-H", each]
        if body is not None:
            arguments += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        text, _, code = self._lab.run("exec", "--", *arguments).stdout.rpartition("\n")
        if code[:1] != "2":
            raise AssertionError(f"{method} {path}: {code}: {text}")
        return json.loads(text) if text else None

    def _etag(self, path):
        done = self._lab.run("exec", "--", "curl", "-s", "-D", "-", "-o", "/dev/null", "-H",
                             f"@{self._header}", self._url + path)
        return next(line.partition(":")[2].strip() for line in done.stdout.splitlines()
                    if line.lower().startswith("etag:"))

    def domain(self):
        return self._request("GET", "")

    def create(self, forward, hosted):
        return self._request("PUT", "", {"forward": forward, "hosted": hosted,
                                         "op_id": str(uuid.uuid4()), "reason": "a test"},
                             "If-None-Match: *", *self._key())

    def load(self, made):
        return self._request("PUT", "/roster", made, f"If-Match: {self._etag('/roster')}",
                             *self._key())

    def set_mode(self, mode):
        body = {"mode": mode, "op_id": str(uuid.uuid4()), "reason": "a test",
                "roster_digest": self.domain()["roster_digest"]}
        return self._request("PUT", "/route", body, f"If-Match: {self._etag('')}", *self._key())

    def probe(self, kind, **more):
        return self._request("POST", "/probes", {"kind": kind, **more})

    def read_probe(self, identity):
        return self._request("GET", f"/probes/{identity}")

    def queue(self):
        return self._request("GET", "/queue")

    def _key(self):
        return [f"Idempotency-Key: {uuid.uuid4()}"]
