"""A program in a terminal of its own, of a size that the test chooses."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time


class Terminal:
    def __init__(self, *argv, rows=24, columns=80, **environment):
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items()
                if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self._program = subprocess.Popen([str(each) for each in argv], stdin=slave, stdout=slave,
                                         stderr=slave, close_fds=True,
                                         env={**kept, **environment})
        os.close(slave)
        self._kept = ""

    def type(self, text):
        os.write(self._master, text.encode())

    def read(self, seconds, until=None):
        """What comes within the time, or up to the words; what follows them is kept."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and (until is None or until not in self._kept):
            if not select.select([self._master], [], [], 0.05)[0]:
                continue
            try:
                self._kept += os.read(self._master, 4096).decode(errors="replace")
            except OSError:  # the program has ended
                break
        end = len(self._kept)
        if until is not None and until in self._kept:
            end = self._kept.index(until) + len(until)
        told, self._kept = self._kept[:end], self._kept[end:]
        return told.replace("\r\n", "\n")

    def end(self, seconds=30):
        """The rest of what it says, and its exit code."""
        told = self.read(seconds)
        return self._program.wait(timeout=seconds), told

    def close(self):
        self._program.kill()
        self._program.wait()
        os.close(self._master)
