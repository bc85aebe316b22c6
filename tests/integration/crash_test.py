#!/usr/bin/python3
"""`mxswitch serve` is killed at any point of a switch or a rollback and started again: it ends in
the right state without a person's help, and nobody's mail is lost."""

import os
import sys
import time
import unittest

import lab_runner
from crash_world import DOMAIN, OLD_MX, CrashWorld, pause_until
from mail_lab import skip_without_mail
from relay_api import skip_without_relay

# Seconds from the command to the SIGKILL; a switch takes about 1 s.
SWITCH_KILLS = (0.0, 0.08, 0.16, 0.2, 0.24, 0.27, 0.3, 0.33, 0.36, 0.4, 0.5, 0.7, 1.2, 2.0)
ROLLBACK_KILLS = (0.03, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.25, 0.3, 0.5, 0.8, 1.2)
BACK = ("forwarding", "propagating", "ready")


def setUpModule():
    skip_without_mail()
    skip_without_relay()


class KilledServe(unittest.TestCase):
    """One world, used in the order of the tests' numbers."""

    @classmethod
    def setUpClass(cls):
        cls.world = CrashWorld(os.environ["MXSWITCH_PROGRAMS"])
        cls.addClassCleanup(cls.world.close)
        cls.world.open()

    def say(self, text):
        print(f"  {text}", file=sys.stderr, flush=True)

    def crash(self, begin, reason, delay_s):
        """Kills serve this long after the command, and starts it again. Answers what the nodes
        were found on, then."""
        world = self.world
        begun = time.monotonic()
        client = begin(reason)
        pause_until(begun + delay_s)
        world.kill_serve()
        client.communicate(timeout=60)
        found = [each["mode"] for each in world.routes()]
        world.start_serve()
        return found

    def one_operation(self, before, after, writes):
        """Every node was written `writes` times since `before`, all by one operation."""
        for was, now in zip(before, after):
            self.assertEqual(now["generation"] - was["generation"], writes, (was, now))
            self.assertEqual(now["in_force"]["generation"], now["generation"])
        self.assertEqual(len({each["op_id"] for each in after}), 1, after)
        self.assertNotEqual(after[0]["op_id"], before[0]["op_id"])

    def untouched(self, before, after):
        self.assertEqual([(each["generation"], each["op_id"]) for each in after],
                         [(each["generation"], each["op_id"]) for each in before])

    def settled(self, reason, before, ends, goal, mode, stays):
        """Ends at the goal if the command was taken, else where it was. True: it was taken."""
        world = self.world
        if not world.history_of(reason):
            self.assertIn(world.state(), stays)
            self.untouched(before, world.routes())
            self.assertFalse(world.history_of(reason), "taken after all")
            return False
        world.until_state(*goal)
        after = world.routes()
        self.assertEqual([each["mode"] for each in after], [mode] * len(after))
        self.one_operation(before, after, ends)
        return True

    def switch_with_crash(self, number, delay_s):
        world = self.world
        ready = world.until_state("ready")
        before, reason = world.routes(), f"switch {number}, killed after {delay_s} s"
        found = self.crash(world.switch, reason, delay_s)
        taken = self.settled(reason, before, 2, ("hosted",), "hosted", BACK)
        if taken:
            told = {each["what"]: each for each in world.history_of(reason)}
            self.assertIn("armed -> switching", told)
            self.assertIn(ready["plan_digest"], told["armed -> switching"]["evidence"])
        self.say(f"{reason}: nodes were on {found}; "
                 f"{'hosted' if taken else 'not taken, on forward'}")
        return taken

    def rollback_with_crash(self, number, delay_s):
        world = self.world
        before, reason = world.routes(), f"rollback {number}, killed after {delay_s} s"
        found = self.crash(world.rollback, reason, delay_s)
        taken = self.settled(reason, before, 2, BACK, "forward", ("hosted",))
        self.say(f"{reason}: nodes were on {found}; "
                 f"{'forward' if taken else 'not taken, on hosted'}")
        return taken

    def done(self, client, code=0):
        told = client.communicate(timeout=60)[0]
        self.assertEqual(client.returncode, code, told)
        return told

    def to_hosted(self):
        if self.world.state() == "hosted":
            return
        self.world.until_state("ready")
        self.done(self.world.switch("to hosted, not killed"))

    def to_forward(self):
        if self.world.state() in ("hosted", "verifying"):
            self.done(self.world.rollback("to forward, not killed"))
        self.world.until_state(*BACK)
        self.world.unfreeze()

    def mail_until_ready(self):
        """Gate flow wants a real message that came through the relay."""
        for number in range(9):
            self.world.send(f"while the caches drain {number}")
            if lab_runner.until(lambda: self.world.state() == "ready", 10):
                return
        self.world.until_state("ready", patience_s=1)

    # ---- the scenes ----

    def test_1_the_drain_forgets_nothing(self):
        world = self.world
        world.send("before the drain")
        world.until_state("propagating")
        for delay_s in (0.3, 2.0):
            time.sleep(delay_s)
            before = world.drain()
            world.kill_serve()
            world.start_serve()
            after = world.drain()
            self.assertGreaterEqual(after["strict_until"], before["strict_until"])
            self.assertEqual(lost(before, after), [])
        self.assertTrue(before["obligations"])
        self.mail_until_ready()

    def test_2_switch_and_rollback_at_every_point(self):
        rollbacks = iter(enumerate(ROLLBACK_KILLS, 1))
        taken = killed = 0
        for number, delay_s in enumerate(SWITCH_KILLS, 1):
            self.world.send(f"during switch {number}")
            if not self.switch_with_crash(number, delay_s):
                continue
            taken += 1
            self.world.send(f"during rollback {number}")
            if self.rollback_with_crash(*next(rollbacks)):
                killed += 1
            self.to_forward()
        self.assertGreater(taken, 3, "the kills came before the switch")
        self.assertGreater(killed, 3, "the kills came before the rollback")

    def test_3_an_agent_dies_between_the_writes(self):
        world = self.world
        agent = world.stage.facts["mail"]["relays"][1]["agent"]
        for number in range(5):
            world.until_state("ready")
            before, reason = world.routes(), f"an agent dies between the writes, {number}"
            client = world.switch(reason)
            world.kill_at_first_write(agent)
            if lab_runner.until(lambda: world.state() not in ("ready", "armed"), 10) and \
                    world.state() == "switching":
                break
            world.stage.lab("start", agent)  # it died too early or too late
            client.communicate(timeout=60)
            self.to_forward()
        told = self.done(client, 4)
        self.assertRegex(told, r"switching [01]/2")
        self.assertEqual(world.state(), "switching")
        world.kill_serve()
        world.start_serve()
        self.assertEqual(world.state(), "switching")
        world.stage.lab("start", agent)
        world.until_state("hosted")
        self.one_operation(before, world.routes(), 2)
        self.assertEqual({each["mode"] for each in world.routes()}, {"hosted"})

    def test_4_a_foreign_writer(self):
        world = self.world
        self.to_hosted()
        world.nodes[0].set_mode("forward")
        world.until_state("blocked")
        world.kill_serve()
        world.start_serve()
        self.assertEqual(world.state(), "blocked")
        self.assertEqual([each["mode"] for each in world.routes()], ["forward", "hosted"])
        self.done(world.begin("resolve", DOMAIN, "restore", "--reason", "an edit by hand"))
        world.until_state("hosted")
        self.assertEqual({each["mode"] for each in world.routes()}, {"hosted"})
        self.assertTrue(world.history_of("an edit by hand"))

    def test_5_the_mx_went_back_while_serve_was_dead(self):
        """The journal says ready, the world does not."""
        world = self.world
        self.to_forward()
        world.until_state("ready")
        before = world.routes()
        world.kill_serve()
        world.stage.lab("set-mx", OLD_MX)
        world.stage.lab("sync-secondary")
        world.start_serve()
        told = self.done(world.switch("the MX went back"), 3)
        self.assertIn("authority", told)
        self.untouched(before, world.routes())
        self.assertEqual({each["mode"] for each in world.routes()}, {"forward"})
        self.assertIn(world.state(), BACK)

    def test_6_every_message_lies_in_one_mailbox(self):
        self.world.mail_arrived_once()


def lost(before, after):
    """Obligations that are gone, or end earlier than they did."""
    def key(obligation):
        return obligation["kind"], obligation["endpoint"], obligation["set"]
    kept = {key(each): each["until_at"] for each in after["obligations"]}
    return [each for each in before["obligations"] if kept.get(key(each), "") < each["until_at"]]


if __name__ == "__main__":
    lab_runner.main()
