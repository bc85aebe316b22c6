#!/usr/bin/python3
"""Bad input at the command line: what, where, what to do, and the exit code; nothing half done."""

import csv
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from dns_stub import DnsStub
from terminal import Terminal

PROGRAMS = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin"))
NEW_MX = "10 mx1.filter.example"


def run(*words, program="mxswitch", **environment):
    done = subprocess.run([PROGRAMS / program, *map(str, words)], capture_output=True, text=True,
                          timeout=60, env={**os.environ, **environment},
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


class BadInput(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)

    def file(self, name, text, mode=0o644):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def refused(self, words, code, *patterns):
        got, out, err = run(*words)
        self.assertEqual(got, code, f"{words}: {out}{err}")
        for pattern in patterns:
            self.assertRegex(err, pattern)
        self.assertNotIn("terminate called", err)

    def test_without_a_verb_five_commands_are_named_that_there_are(self):
        code, out, err = run()
        self.assertEqual((code, out), (2, ""))
        named = re.findall(r"(?m)^  mxswitch ((?:plan )?[a-z]+) ", err)
        self.assertEqual(named, ["check", "serve", "plan init", "plan apply", "status"])
        self.assertLessEqual(max(map(len, err.splitlines())), 80)
        for verb in named:
            self.assertEqual(run(*verb.split(), "--help")[0], 0)

    def test_an_unknown_flag_is_usage(self):
        self.refused(["check", "shop.example", "--expekt-mx", NEW_MX], 2,
                     'unknown option "--expekt-mx"; did you mean "--expect-mx"?')

    def test_an_unknown_verb_is_named_with_the_nearest(self):
        self.refused(["checks", "shop.example"], 2, 'unknown verb "checks"; did you mean "check"?')
        self.refused(["mailboxes", "x"], 2, 'unknown verb "mailboxes"; see mxswitch --help')
        self.refused(["plan", "inti", "x"], 2, '"inti"; did you mean "init"?', "mxswitch plan --help")

    def test_every_verb_has_help_with_an_example(self):
        verbs = ["check", "watch", "resolvers list", "resolvers check", "serve", "plan init", "plan apply", "status", "gates",
                 "history", "switch", "rollback", "abort", "freeze", "unfreeze", "override",
                 "waive", "unwaive", "approve", "resolve", "verify", "finalize", "roster check",
                 "roster", "roster load", "plan", "alert", "spf", "alert test", "doctor", "export",
                 "replay", "simulate"]
        for verb in verbs:
            with self.subTest(verb=verb):
                code, out, _ = run(*verb.split(), "--help")
                self.assertEqual(code, 0)
                self.assertRegex(out, rf"Example: mxswitch {verb}")

    def test_bad_scenario(self):
        self.refused(["simulate", self.folder / "none.scn"], 2, "none.scn: can't be read")
        self.refused(["simulate", self.file("empty.scn", "")], 2, "empty.scn: the file is empty")
        bad = self.file("bad.scn", "owner shop.example\ncolour blue\n")
        self.refused(["simulate", bad], 2, "bad.scn:2: unknown directive \"colour\"")

    def test_bad_mx_set(self):
        self.refused(["check", "shop.example", "--expect-mx", "ten mx1"], 2, "--expect-mx")

    def test_bad_domain(self):
        self.refused(["check", "shop..example", "--expect-mx", NEW_MX], 2, r"shop\.\.example")

    def test_bad_resolver_address_names_file_and_line(self):
        path = self.file("resolvers.csv", "address,operator\n8.8.8.8,Google\n8.8.8,Broken\n")
        self.refused(["check", "shop.example", "--expect-mx", NEW_MX, "--resolvers", path], 2,
                     re.escape(str(path)) + ":3")

    def test_missing_resolver_file(self):
        self.refused(["check", "shop.example", "--expect-mx", NEW_MX, "--resolvers",
                      self.folder / "none.csv"], 2, "none.csv")

    def test_bad_authority(self):
        self.refused(["check", "shop.example", "--expect-mx", NEW_MX, "--authority", "ns1"], 2,
                     "--authority ns1")

    def test_unknown_configuration_key_names_the_nearest(self):
        path = self.file("mxswitch.toml", "[server]\nlisten = \"127.0.0.1:0\"\n[pacr]\nburst=1\n")
        self.refused(["serve", "--config", path], 2, r"mxswitch\.toml:3", "pacr", "pacer")

    def test_a_bad_setting_names_file_and_line(self):
        node = 'nodes = [{ id = "a", api = "http://127.0.0.1:1", addresses = ["%s"] }]\n'
        relay = '[[relay]]\nname = "filter"\n'
        none = self.folder / "none"
        rows = [
            ('[server]\ntoken = [{ name = "a", sha256 = "zz", scopes = ["read"] }]\n',
             r"mxswitch\.toml:2: sha256 is not 64"),
            (relay + node % "not an address", r'mxswitch\.toml:3: "not an address" is not an address'),
            (relay + 'driver = "nativ"\n', r'mxswitch\.toml:3.*there is no driver "nativ"'),
            (relay + node % "192.0.2.1" + f'token_file = "{none}"\n', r"mxswitch\.toml:4: .*none"),
            (f'[dns]\nresolvers = "{none}"\n', r"mxswitch\.toml:2: .*none"),
            (f'[dns]\nroot_hints = "{none}"\n', r"mxswitch\.toml:2: .*none"),
            (f'[dns]\ndot_ca = "{none}"\n', r"mxswitch\.toml:2: .*none: the certificates can't"),
            ('[server]\nbase_url = "mxswitch.example"\n',
             r"mxswitch\.toml:2: base_url: .*only http.*https://mxswitch\.example"),
            ('[server]\nallowed_hosts = ["a.example", "https://b.example"]\n',
             r'mxswitch\.toml:2: "https://b\.example" is not the name of a host; .*without scheme'),
            ('[server]\nallowed_hosts = ["b.example:443"]\n', r'"b\.example:443" is not the name'),
            ('log_level = "loud"\n', r'mxswitch\.toml:1: "loud" is not a log level'),
            ('[alerts]\nsmtp = "foo"\n', r'mxswitch\.toml:2: "foo" is not ADDRESS:PORT'),
            (f'[server]\ncertificate = "{none}"\nkey = "{none}"\n',
             r"mxswitch\.toml:2: .*none: cannot use the certificate: No such file"),
        ]
        for text, pattern in rows:
            with self.subTest(text=text):
                path = self.file("mxswitch.toml", text)
                self.refused(["serve", "--config", path, "--store", f"sqlite:{self.folder}/x.db"], 2,
                             pattern)

    def test_every_fault_of_a_plan_is_shown_at_once(self):
        path = self.file("plan.toml", 'domain = "shop.example"\n[mx]\nnew = ["mx1.a.example"]\n'
                                      '[relay]\nforward = "mail"\n[policy]\nunknown = "split"\n')
        self.refused(["plan", "check", path], 2, r"plan\.toml:3: new", r"plan\.toml:5: forward",
                     r'plan\.toml:7: unknown = "split" is not carried out')

    def planned(self, exchange, *words, preference=10):
        path = self.folder / f"{len(list(self.folder.iterdir()))}.toml"
        with DnsStub(preference, exchange) as stub:
            code, out, err = run("plan", "init", "shop.example", "--file", path, "--authority",
                                 stub.address, *words)
        return code, out + err, path.read_text() if path.exists() else ""

    def test_plan_init_takes_what_dns_says_and_comments_what_nobody_said(self):
        code, said, text = self.planned("mail.shop.example", "--new-mx", NEW_MX)
        self.assertEqual(code, 0, said)
        self.assertIn("Mail goes now to: 10 mail.shop.example (TTL 20 s)", said)
        self.assertIn("not set yet: [roster] accounts, [contact] external", said)
        self.assertIn('\nold = "10 mail.shop.example"', text)
        self.assertIn('\nforward = "smtp:[mail.shop.example]:25"', text)
        for key in ("accounts", "external"):
            self.assertRegex(text, rf"Not set; an example:\n# {key} = ")

    def test_plan_init_after_the_change_does_not_forward_to_the_relay_itself(self):
        code, said, text = self.planned("mx1.filter.example", "--new-mx", NEW_MX)
        self.assertEqual(code, 0, said)
        self.assertIn("That is the new MX already", said)
        self.assertIn("not set yet: [relay] forward", said)
        for key in ("old", "old_ttl", "forward"):
            self.assertNotRegex(text, rf"(?m)^{key} = ")
        _, _, text = self.planned("mx1.filter.example", "--new-mx", NEW_MX, "--forward",
                                  "mail.old.example")
        self.assertIn('\nforward = "smtp:[mail.old.example]:25"', text)

    def test_plan_init_asks_whether_the_ttl_was_lowered(self):
        for words, line in ((("--old-ttl", "no"), 'old_ttl = "20s"'),
                            (("--old-ttl", "1d"), 'old_ttl = "86400s"'),
                            (("--old-ttl", "86400"), 'old_ttl = "86400s"')):
            _, said, text = self.planned("mail.shop.example", "--new-mx", NEW_MX, *words)
            self.assertIn("\n" + line, text, said)
        _, said, text = self.planned("mail.shop.example", "--new-mx", NEW_MX)
        self.assertNotRegex(text, "(?m)^old_ttl")
        self.assertIn("a day from the first look is taken for granted", said)
        code, said, text = self.planned("mail.shop.example", "--new-mx", NEW_MX, "--old-ttl", "5")
        self.assertEqual((code, text), (2, ""))
        self.assertIn("--old-ttl", said)

    def test_plan_init_makes_no_next_hop_of_a_null_mx(self):
        code, said, text = self.planned(".", "--new-mx", NEW_MX, preference=0)
        self.assertEqual(code, 0, said)
        self.assertIn("takes no mail now (null MX", said)
        self.assertIn("not set yet: [relay] forward", said)
        self.assertIn('\nold = "0 ."', text)
        self.assertNotRegex(text, "(?m)^forward")

    def test_plan_init_invents_no_mx(self):
        code, said, text = self.planned("mail.shop.example")
        self.assertEqual((code, text), (2, ""))
        self.assertIn("--new-mx", said)

    def test_a_wrong_answer_to_plan_init_is_told_by_its_flag_and_writes_nothing(self):
        accounts = self.file("accounts", "joe joes-password\njoe again\n")
        rows = [
            (("--new-mx", "ten mx1"), "--new-mx"),
            (("--new-mx", NEW_MX, "--forward", "mail old"), "--forward: .*no host"),
            (("--new-mx", NEW_MX, "--forward", "mx1.filter.example"), "--forward: .*circle"),
            (("--new-mx", NEW_MX, "--hosted", "hosted"), "--hosted: .*next hop"),
            (("--new-mx", NEW_MX, "--accounts", self.folder / "none"),
             "none: the file cannot be read"),
            (("--new-mx", NEW_MX, "--accounts", accounts), "accounts:2"),
            (("--new-mx", NEW_MX, "--contact", "ann@mail.shop.example"),
             "--contact: .*the domain being moved"),
            (("--new-mx", NEW_MX, "--contact", "ann"), "--contact: .*neither a mail address"),
        ]
        for words, pattern in rows:
            with self.subTest(words=words):
                code, said, text = self.planned("mail.shop.example", *words)
                self.assertEqual((code, text), (2, ""), said)
                self.assertRegex(said, pattern)
        with DnsStub(10, "mail.shop.example") as stub:
            self.refused(["plan", "init", "shop.example", "--authority", stub.address, "--file",
                          self.folder / "no" / "x.toml"], 2, "--file: there is no folder .*no;")
        self.refused(["plan", "init"], 2, "the domain is not given")
        self.refused(["plan", "init", "com"], 2, "domain")

    def asked(self, stub, *words, answers):
        """plan init at a terminal; each answer is typed at its question."""
        terminal = Terminal(PROGRAMS / "mxswitch", "plan", "init", *words, "--authority",
                            stub.address, rows=50, columns=200)
        self.addCleanup(terminal.close)
        told = ""
        for answer in answers:
            told += terminal.read(30, ": ")
            terminal.type(answer)
        code, rest = terminal.end()
        return code, told + rest

    def test_plan_init_asks_again_after_a_wrong_answer(self):
        self.file("accounts", "joe joes-password\n")
        path = self.folder / "shop.toml"
        with DnsStub(10, "mail.shop.example") as stub:
            code, told = self.asked(
                stub, "--file", path, answers=(
                    "shop..example\n", "shop.example\n", "ten mx1\n", NEW_MX + "\n", "10\n", "no\n", "a b\n", "\n",
                    f"{self.folder}/none\n", f"{self.folder}/accounts\n", "ann@shop.example\n",
                    "ann@elsewhere.example\n"))
        self.assertEqual(code, 0, told)
        for words in ("Mail goes now to: 10 mail.shop.example", "[mail.shop.example]: ",
                      "can't have been 10 s",
                      "is no host", "the domain being moved", f"wrote {path}"):
            self.assertIn(words, told)
        code, out, err = run("plan", "check", path)
        self.assertEqual((code, err), (0, ""), "what was written is no plan as it stands")
        text = path.read_text()
        self.assertIn('\nexternal = ["ann@elsewhere.example"]', text)
        self.assertIn(f'\naccounts = "{self.folder}/accounts"', text)

    def test_plan_init_writes_nothing_when_the_input_ends_or_no_answer_is_good(self):
        path = self.folder / "shop.toml"
        with DnsStub(10, "mail.shop.example") as stub:
            for answers in ((NEW_MX + "\n", "\x04"), ("\x04",), ("x\n",) * 5):
                code, told = self.asked(stub, "shop.example", "--file", path, answers=answers)
                self.assertEqual(code, 2, told)
                self.assertIn("nothing was written", told)
                self.assertFalse(path.exists())

    def test_check_judges_no_drain(self):
        resolvers = self.folder / "resolvers.csv"
        with DnsStub(10, "mx1.filter.example") as stub:
            resolvers.write_text(f"address,operator\n{stub.address},Here\n")
            words = ["check", "shop.example", "--expect-mx", NEW_MX, "--authority", stub.address,
                     "--resolvers", resolvers]
            said = run(*words)[1]
            facts = json.loads(run(*words, "--json")[1])
        self.assertNotIn("604800", said + json.dumps(facts))
        self.assertEqual((facts["look"], facts["drain_judged"]), ("all_new", False))
        self.assertNotIn("verdict", facts)

    def test_unknown_plan_key_names_the_nearest(self):
        path = self.file("plan.toml", "domain = \"shop.example\"\n[mx]\nnew = [\"10 mx1.a.example\"]"
                                      "\n[polcy]\nk = 5\n")
        self.refused(["plan", "apply", path], 2, r"plan\.toml:4", "polcy", "policy")

    def test_bad_roster_line_names_file_and_line_and_no_password(self):
        accounts = self.file("accounts", "joe joes-password\nmary marys password two\n")
        code, out, err = run("roster", "check", "shop.example", "--accounts", accounts)
        self.assertEqual(code, 2)
        self.assertRegex(err, r"accounts:2")
        self.assertNotIn("marys", out + err)

    def test_a_roster_of_no_domain_is_refused(self):
        accounts = self.file("accounts", "joe joes-password\n")
        self.refused(["roster", "check", "bad domain", "--accounts", accounts], 2, '"bad domain"')

    def test_alias_to_nobody(self):
        accounts = self.file("accounts", "joe joes-password\n")
        aliases = self.file("aliases", "sales: marry\n")
        self.refused(["roster", "check", "shop.example", "--accounts", accounts, "--aliases",
                      aliases], 2, "aliases:1", "marry")

    def test_providers_example_is_accepted(self):
        accounts = self.file("accounts", "joe joes-password\nmary marys-password\njane "
                                         "janes-password\n")
        aliases = self.file("aliases", "info: mary\nsales: mary, jane\nmerry: mary\n"
                                       "dan: dan@yahoo.com\njanitor: joe\n"
                                       "all: mary, jane, dan, joe\n")
        code, out, err = run("roster", "check", "shop.example", "--accounts", accounts, "--aliases",
                             aliases)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("3 accounts, 6 aliases", out)

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as held:
            port = held.getsockname()[1]
            path = self.file("mxswitch.toml", f"store = \"sqlite:{self.folder}/x.db\"\n[server]\n"
                                              f"listen = \"127.0.0.1:{port}\"\n")
            self.refused(["serve", "--config", path], 1, str(port), "in use")

    def test_no_server(self):
        for words in (["status"], ["freeze", "shop.example", "--reason", "x"]):
            self.refused([*words, "--server", "http://127.0.0.1:1"], 1,
                         "^mxswitch: nothing answers at http://127.0.0.1:1; is mxswitch serve ")
        for server in ("127.0.0.1:8053", "ftp://x", "http://joe:pass@x", "http://"):
            self.refused(["status", "--server", server], 2,
                         rf'^mxswitch: --server "{server}" can.t be used: .*; write it like http://')

    def test_a_server_that_breaks_off_is_no_server(self):
        with socket.create_server(("127.0.0.1", 0)) as rude:
            flags = ["--server", f"http://127.0.0.1:{rude.getsockname()[1]}"]

            def hang_up():
                for _ in range(2):
                    rude.accept()[0].close()
            threading.Thread(target=hang_up).start()
            self.refused(["status", *flags], 1, "^mxswitch: no whole answer from http://")
            self.refused(["freeze", "shop.example", "--reason", "x", *flags], 4,
                         "not known whether the command took effect")

    def test_readable_token_file_is_refused(self):
        token = self.file("token", "secret\n", 0o644)
        self.refused(["status", "--token-file", token, "--server", "http://127.0.0.1:1"], 2,
                     "token")

    def test_a_bad_export_names_file_and_line(self):
        path = self.file("x.jsonl", '{"kind":"header"}\n')
        self.refused(["replay", path], 2, re.escape(str(path)) + ":1", "mxswitch export")
        self.refused(["replay", self.folder / "none.jsonl"], 2, "none.jsonl")
        self.refused(["export", "shop.example", "--store", f"sqlite:{self.folder}/new.db"], 2,
                     "no such store", "new.db")
        self.assertFalse((self.folder / "new.db").exists())
        self.refused(["export", "shop.example", "--since", "noon"], 2, "--since", "RFC 3339")

    def test_agent_says_what_is_missing(self):
        code, _, err = run("serve", "--config", self.folder / "none.toml",
                           program="mxswitch-relay")
        self.assertEqual(code, 2)
        self.assertIn("none.toml", err)

    def test_agent_says_what_replaces_a_setting_that_is_gone_and_goes_on(self):
        token = self.file("agent.token", "secret\n")
        Path(token).chmod(0o600)
        config = self.file("agent.toml", 'node = "mx1"\naddresses = ["192.0.2.1"]\n'
                           f'postmaster = "postmaster@filter.example"\ntoken_file = "{token}"\n'
                           'store = "sqlite:/dev/null/agent.db"\n'
                           '[dovecot]\nsocket = "/run/mxswitch-relay/dict"\n')
        _, _, err = run("serve", "--config", config, program="mxswitch-relay")
        self.assertRegex(err, r"warning .*agent\.toml:7: .*dict is gone.* accounts = ")
        self.assertIn("/dev/null/agent.db", err.splitlines()[-1], "it went on to its store")


class Observations(unittest.TestCase):
    """A watch of a real server, its export by file and by the daemon, and its replay."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)
        self.store = f"sqlite:{self.folder}/watch.db"

    def watch(self, stub, seconds):
        resolvers = self.folder / "resolvers.csv"
        resolvers.write_text(f"address,operator\n{stub.address},Here\n")
        with subprocess.Popen(
                [PROGRAMS / "mxswitch", "watch", "shop.example", "--expect-mx", NEW_MX,
                 "--authority", stub.address, "--resolvers", resolvers, "--store", self.store],
                stdout=subprocess.PIPE, text=True) as watch:
            self.assertIn("shop.example", watch.stdout.readline())
            time.sleep(seconds)
            watch.send_signal(signal.SIGINT)
            watch.communicate(timeout=20)

    def exported(self, *words):
        code, out, err = run("export", "shop.example", *words)
        self.assertEqual((code, err), (0, ""))
        return out

    def replayed(self, text):
        path = self.folder / "shop.jsonl"
        path.write_text(text)
        return run("replay", path)

    def test_an_export_is_replayed_to_the_same_verdict(self):
        with DnsStub(10, "mx1.filter.example") as stub:
            self.watch(stub, 2)
            self.watch(stub, 1)  # a restart in between
        text = self.exported("--store", self.store)
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(lines[0]["input"]["expected"][0]["exchange"], "mx1.filter.example")
        kinds = [line["kind"] for line in lines]
        for kind in ("begin", "walk", "authority", "resolver", "restart", "verdict"):
            self.assertIn(kind, kinds)
        self.assertEqual(kinds[-1], "end")
        code, out, err = self.replayed(text)
        self.assertEqual((code, err), (0, ""), out)
        self.assertRegex(out, r"HOLD \(.*\), bound ")
        self.assertNotIn("OTHER", out)

        other = text.replace('"verdict":"hold"', '"verdict":"ready"')
        code, out, _ = self.replayed(other)
        self.assertEqual(code, 5, "a verdict that the evidence does not give")
        self.assertRegex(out, r"OTHER  HOLD .*\n.*shop\.jsonl:\d+ says READY")
        code, _, err = self.replayed("".join(text.splitlines(True)[:-1]))
        self.assertEqual(code, 2)
        self.assertIn("ends before", err)

    def test_the_daemon_streams_the_same_export_and_csv(self):
        with DnsStub(10, "mail.shop.example") as stub:
            self.watch(stub, 1)
        with socket.create_server(("127.0.0.1", 0)) as held:
            port = held.getsockname()[1]
        config = self.folder / "mxswitch.toml"
        config.write_text(f'store = "{self.store}"\n[server]\nlisten = "127.0.0.1:{port}"\n')
        with subprocess.Popen([PROGRAMS / "mxswitch", "serve", "--config", config],
                              stderr=subprocess.PIPE, text=True) as serve:
            while "serving" not in serve.stderr.readline():
                self.assertIsNone(serve.poll())
            server = ("--server", f"http://127.0.0.1:{port}")
            text = self.exported(*server)
            table = list(csv.DictReader(self.exported(*server, "--format", "csv").splitlines()))
            missing, _, err = run("export", "other.example", *server)
            serve.send_signal(signal.SIGINT)
            serve.communicate(timeout=20)
        self.assertEqual(self.replayed(text)[0], 0)
        self.assertEqual(text.splitlines()[1:],
                         self.exported("--store", self.store).splitlines()[1:])
        authority = [row for row in table if row["kind"] == "authority"][0]
        self.assertEqual(authority["mx"], "10 mail.shop.example")
        self.assertEqual(table[-1]["kind"], "end")
        self.assertEqual(missing, 2)
        self.assertIn("nothing was observed", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
