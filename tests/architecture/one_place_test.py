"""What may stand in a few files only, because elsewhere it was a fault: one_place_test.py SOURCE."""

import re
import sys
from pathlib import Path

FOLDERS = ("probes", "monitor", "orchestrator", "dashboards", "deploy")

# (what, the files that may hold it, why)
RULES = [
    (r"(\.|->)dump\(", {"probes/base/json_text.cc"},
     "dump() throws at octets that are no UTF-8: use json_text()"),
    (r"<httplib\.h>", {"probes/base/http_library.cc", "probes/base/blocking_http.cc"},
     "cpp-httplib's releases differ, and requests reach it by http_library.h alone"),
    (r"std::regex|<regex>", set(),
     "libstdc++'s recurse once an octet: a long text from outside ends the program"),
]


def faults(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".cc", ".h"):
                continue
            name = str(path.relative_to(root))
            for number, line in enumerate(path.read_text().splitlines(), 1):
                code = line.split("//")[0]
                for pattern, places, why in RULES:
                    if name not in places and re.search(pattern, code):
                        yield f"{name}:{number}: {line.strip()}: {why}"


def main():
    found = list(faults(Path(sys.argv[1])))
    print("\n".join(found) or f"{len(RULES)} rules hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
