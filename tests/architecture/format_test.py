#!/usr/bin/python3
"""Every source file is as clang-format leaves it: format_test.py SOURCE CLANG-FORMAT."""

import subprocess
import sys
from pathlib import Path

NOT_OURS = {"build", "node_modules", ".git", "artifacts"}


def sources(root):
    """What git tracks; in a copy without git, every source file."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "*.cc", "*.h"],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        found = [Path(root, each) for each in listed.stdout.split("\0") if each]
    else:
        found = [each for each in Path(root).rglob("*") if each.suffix in (".cc", ".h")
                 and not NOT_OURS & set(each.relative_to(root).parts)]
    return sorted(each for each in found if each.exists())


def main():
    root, clang_format = sys.argv[1:3]
    files = sources(root)
    if not files:
        sys.exit(f"{root}: no source files")
    done = subprocess.run([clang_format, "--dry-run", "-Werror", *files],
                          capture_output=True, text=True, cwd=root, check=False)
    if done.returncode != 0:
        off = sorted({line.split(":")[0] for line in done.stderr.splitlines() if " error: " in line})
        named = "\n".join(f"  clang-format-14 -i {Path(each).relative_to(root)}" for each in off)
        sys.exit(f"{len(off)} files are not as .clang-format wants them:\n"
                 f"{named or done.stderr}")
    print(f"{len(files)} files are formatted")


if __name__ == "__main__":
    main()
