#!/usr/bin/python3
"""The gates `outbound` and `spf` on real servers: the lab's zone is changed by hand, and each gate
opens and closes with it, naming what is wrong."""

import os
import sys
import tempfile
import unittest

from lab_runner import SOURCE
from mail_lab import skip_without_mail
from relay_api import skip_without_relay

sys.path.insert(0, str(SOURCE / "deploy" / "story"))

import acts  # noqa: E402
import stage as story  # noqa: E402
from crash_world import free_port  # noqa: E402
from narrator import StoryFailed, until  # noqa: E402

DOMAIN = story.DOMAIN
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
REVOKED = "v=DKIM1; k=ed25519; p="


def setUpModule():
    skip_without_mail()
    skip_without_relay()


class OutsideGates(unittest.TestCase):
    """One world, used in the order of the tests' numbers."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="mxgates-", dir="/var/tmp")
        cls.addClassCleanup(temporary.cleanup)
        cls.stage = story.Stage(temporary.name, os.environ["MXSWITCH_PROGRAMS"], free_port())
        cls.addClassCleanup(cls.stage.down)
        cls.stage.up("--mx-ttl", "12")
        story.PLAN += '\n[outbound]\ndkim_selectors = ["s1"]\n'
        cls.publish(DOMAIN, acts.spf_record(cls.stage))
        cls.stage.prepare()
        cls.stage.serve()
        cls.stage.mxswitch("plan", "apply", str(cls.stage.plan))

    @classmethod
    def publish(cls, owner, *texts):
        cls.stage.lab("set-record", owner, "TXT", *texts)
        cls.stage.lab("sync-secondary")

    def until_gate(self, name, verdict, *words, patience_s=90):
        """The gate says so, and names each of these words."""
        def look():
            gates = {each["id"]: each for each in self.stage.snapshot()["gates"]}
            gate = gates.get(name, {"verdict": "not judged yet", "why": ""})
            if gate["verdict"] == verdict and all(word in gate["why"] for word in words):
                return gate
            raise StoryFailed(f"{gate['verdict']}: {gate['why']}")
        return until(f"gate {name} on {verdict}", patience_s, look, pause_s=0.5)

    def test_1_a_key_that_is_not_published_closes_outbound(self):
        self.until_gate("outbound", "waits", "s1._domainkey.shop.example")

    def test_2_key_and_policy_open_it(self):
        self.publish(f"s1._domainkey.{DOMAIN}", KEY)
        self.publish(f"_dmarc.{DOMAIN}", "v=DMARC1; p=quarantine")
        gate = self.until_gate("outbound", "pass", "1 key published and sound")
        self.assertGreaterEqual(gate["evidence"]["resolvers"], 8, "the resolvers were asked too")

    def test_3_a_key_taken_back_closes_it(self):
        self.publish(f"s1._domainkey.{DOMAIN}", REVOKED)
        self.until_gate("outbound", "fail", "s1._domainkey.shop.example")

    def test_4_spf_is_open_for_old_and_new_senders(self):
        self.until_gate("spf", "pass")

    def test_5_a_record_without_the_new_senders_closes_it(self):
        old = self.stage.facts["mail"]["old"]["address"]
        self.publish(DOMAIN, f"v=spf1 ip4:{old} ~all")
        self.until_gate("spf", "waits", "the new sender", "publish the required include")

    def test_6_a_second_record_is_named(self):
        self.publish(DOMAIN, acts.spf_record(self.stage), "v=spf1 -all")
        self.until_gate("spf", "fail", "2 SPF records")


if __name__ == "__main__":
    unittest.main(verbosity=2)
