#!/usr/bin/python3
"""What `cmake --install` puts on a machine: units that find their program, user and settings."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin")).parent
PROGRAMS = ("mxswitch", "mxswitch-relay")


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._folder.cleanup)
        cls.root = Path(cls._folder.name)
        for component in PROGRAMS:
            subprocess.run(["cmake", "--install", BUILD, "--component", component], check=True,
                           capture_output=True, env={**os.environ, "DESTDIR": str(cls.root)})

    def only(self, pattern):
        found = list(self.root.rglob(pattern))
        self.assertEqual(len(found), 1, pattern)
        return found[0]

    def inside(self, path):
        return self.root / str(path).lstrip("/")

    def test_a_unit_names_the_program_the_user_and_the_settings_that_are_there(self):
        for program in PROGRAMS:
            with self.subTest(program=program):
                unit = self.only(f"{program}.service").read_text()
                command, config = re.search(r"ExecStart=(\S+) serve --config (\S+)", unit).groups()
                self.assertTrue(os.access(self.inside(command), os.X_OK), command)
                user = re.search(r"User=(\S+)", unit).group(1)
                self.assertIn(f"u {user} ", self.only(f"sysusers.d/{program}.conf").read_text())
                self.assertIn(f"d {Path(config).parent} 0750 root {user}",
                              self.only(f"tmpfiles.d/{program}.conf").read_text())
                said = subprocess.run([self.inside(command), "serve", "--help"], check=True,
                                      capture_output=True, text=True).stdout
                self.assertIn(f"--config {config}", said)

    def test_the_file_of_accounts_has_a_folder_that_dovecots_group_reads(self):
        example = subprocess.run([self.only("mxswitch-relay"), "configure"], check=True,
                                 capture_output=True, text=True).stdout
        folder = Path(re.search(r'^accounts = "(.+?)"', example, re.M)[1]).parent
        made = self.only("tmpfiles.d/mxswitch-relay.conf").read_text()
        user, group = re.search(rf"^d {folder} 2750 (\S+) (\S+) -$", made, re.M).groups()
        users = self.only("sysusers.d/mxswitch-relay.conf").read_text()
        self.assertIn(f"u {user} ", users)
        self.assertIn(f"g {group} ", users)

    def test_the_example_keeps_its_secrets_where_the_unit_may_read_them(self):
        example = self.only("mxswitch.toml.example").read_text()
        for path in re.findall(r"file = \"(/[^\"]+)\"", example):
            self.assertEqual(str(Path(path).parent), "/etc/mxswitch", path)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_systemd_takes_the_units(self):
        for program in PROGRAMS:
            unit = self.only(f"{program}.service")
            command = re.search(r"ExecStart=(\S+)", unit.read_text()).group(1)
            copy = self.root / unit.name
            copy.write_text(unit.read_text().replace(command, str(self.inside(command))))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy],
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
