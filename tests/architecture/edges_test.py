"""Holds the code's includes and CMake's links against edges.txt (see its first lines)."""

import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
FLOORS = ["probes", "monitor", "orchestrator", "dashboards", "deploy"]


def read_edges():
    edges = {}
    for line in (ROOT / "tests/architecture/edges.txt").read_text().splitlines():
        if "->" in line and not line.startswith("#"):
            folder, targets = line.split("->")
            edges[folder.strip()] = set(targets.split())
    return edges


def included_folders(folder):
    for path in sorted((ROOT / folder).glob("*.*")):
        if path.suffix not in (".h", ".cc"):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'#include "([^"]+)/[^/"]+"', line)
            if match and match.group(1) != folder:
                yield f"{path.relative_to(ROOT)}:{number}", match.group(1)


def linked_folders(folder):
    text = (ROOT / folder / "CMakeLists.txt").read_text()
    match = re.search(r"DEPENDS([^)]*?)(EXTERNAL|\))", text, re.S)
    return set(match.group(1).split()) if match else set()


def cycles(edges):
    done, path, found = set(), [], []

    def visit(folder):
        if folder in path:
            found.append(" -> ".join(path[path.index(folder):] + [folder]))
            return
        if folder in done:
            return
        path.append(folder)
        for target in sorted(edges.get(folder, ())):
            visit(target)
        path.pop()
        done.add(folder)

    for folder in sorted(edges):
        visit(folder)
    return found


def main():
    edges = read_edges()
    faults = [f"cycle: {c}" for c in cycles(edges)]
    for folder, allowed in edges.items():
        for target in allowed:
            if target not in edges:
                faults.append(f"edges.txt: {folder} -> {target}: no such folder")
            elif FLOORS.index(target.split("/")[0]) > FLOORS.index(folder.split("/")[0]):
                faults.append(f"edges.txt: {folder} -> {target}: runs up a floor")
        for where, target in included_folders(folder):
            if target not in allowed:
                faults.append(f"{where}: includes {target}, which edges.txt does not allow")
        if linked_folders(folder) != allowed:
            faults.append(f"{folder}/CMakeLists.txt: DEPENDS differ from edges.txt")
    for listing in ROOT.glob("*/**/CMakeLists.txt"):
        folder = str(listing.parent.relative_to(ROOT))
        has_code = any(listing.parent.glob("*.cc")) or any(listing.parent.glob("*.h"))
        if folder.split("/")[0] in FLOORS and has_code and folder not in edges:
            faults.append(f"{folder}: holds code but is not in edges.txt")
    print("\n".join(faults) or f"{len(edges)} folders, {sum(map(len, edges.values()))} edges: ok")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
