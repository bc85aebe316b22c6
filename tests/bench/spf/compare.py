#!/usr/bin/python3
"""Evaluations per CPU second of ours, pySPF and libspf2, in one run against one NSD.

    compare.py PROGRAMS FOLDER ROUNDS

Run in a network and mount namespace of its own (tests/bench/run does it): NSD takes port 53 of
its loopback and /etc/resolv.conf names it, since libspf2 can ask nobody else. Exit 1: a bar is
missed, or a result is not what RFC 7208 says (the third column of WANTED)."""

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BARS = {"pySPF": 20.0, "libspf2": 2.0}
# By the rules of RFC 7208, in the order of cases.txt.
WANTED = """pass pass fail  pass pass fail  pass pass pass softfail  pass fail  pass pass fail  fail
    pass pass pass softfail  permerror  pass none""".split()


def start_server(folder):
    (folder / "nsd.conf").write_text(f"""server:
  ip-address: 127.0.0.1
  port: 53
  username: ""
  chroot: ""
  zonesdir: "{HERE}"
  pidfile: ""
  database: ""
  xfrdfile: "{folder}/xfrd"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zones"
  server-count: 1
  do-ip6: no
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: example
  zonefile: cases.zone
""", encoding="ascii")
    log = open(folder / "nsd.log", "wb")
    server = subprocess.Popen(["/usr/sbin/nsd", "-d", "-c", folder / "nsd.conf"], stdout=log,
                              stderr=log)
    for _ in range(50):
        asked = subprocess.run(["dig", "+tries=1", "+time=1", "+short", "@127.0.0.1",
                                "plain.example", "TXT"], capture_output=True, text=True)
        if "v=spf1" in asked.stdout:
            return server
        time.sleep(0.1)
    server.terminate()
    sys.exit("NSD did not answer: " + (folder / "nsd.log").read_text()[-400:])


def run(command):
    """(results, CPU microseconds an evaluation, the rest of the last line)"""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=900)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr[-400:]}")
    *results, last = done.stdout.split("\n")[:-1]
    _, cpu, count, *rest = last.split()
    return results, float(cpu) / int(count) * 1e6, rest, int(count)


def cases():
    lines = (HERE / "cases.txt").read_text(encoding="ascii").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def wrong_results(name, results):
    """What differs from the RFC, by name of the case."""
    # libspf2 gives `none` for an absent record and says "(invalid)" in words of its own.
    return [f"{name}: {case}: {got}, wanted {wanted}"
            for case, got, wanted in zip(cases(), results, WANTED) if got != wanted]


def main():
    programs, folder, rounds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    names = HERE / "cases.txt"
    # name, what answers between evaluations, command; the slow one gets fewer rounds
    plan = [
        ("ours, 1 at a time", "nothing", [programs / "spf_ours", names, "127.0.0.1", rounds, 1]),
        ("ours, 64 in flight", "nothing", [programs / "spf_ours", names, "127.0.0.1", rounds, 64]),
        ("libspf2", "nothing", [programs / "spf_libspf2", names, rounds, "resolv"]),
        ("libspf2 with its cache", "its cache", [programs / "spf_libspf2", names, rounds, "cache"]),
        ("pySPF on dnspython", "nothing",
         ["/usr/bin/python3", HERE / "pyspf.py", names, max(1, rounds // 20), "dnspython"]),
        ("pySPF on py3dns", "nothing",
         ["/usr/bin/python3", HERE / "pyspf.py", names, max(1, rounds // 20), "py3dns"]),
    ]
    server = start_server(folder)
    cost, wrong = {}, []
    print(f"spf: CPU (user and system) of the evaluating process alone, {len(cases())} cases, "
          f"real packets to one NSD")
    print(f"{'':24} {'keeps answers':>14} {'evaluations':>12} {'us each':>9} {'a CPU second':>13}")
    try:
        for name, keeps, command in plan:
            results, cost[name], rest, count = run(command)
            wrong += wrong_results(name, results)
            asked = f"   {int(rest[0]) / count:.2f} questions each" if rest else ""
            print(f"{name:24} {keeps:>14} {count:>12} {cost[name]:>9.1f} "
                  f"{1e6 / cost[name]:>13.0f}{asked}", flush=True)
    finally:
        server.terminate()
        server.wait()
    for line in wrong:
        print("not as RFC 7208 says:", line)
    return judge(cost, wrong)


def judge(cost, wrong):
    ours = cost["ours, 1 at a time"]
    anchors = {"pySPF": min(cost["pySPF on dnspython"], cost["pySPF on py3dns"]),
               "libspf2": cost["libspf2"]}
    ratios = {name: anchor / ours for name, anchor in anchors.items()}
    print("spf: evaluations a CPU second, one at a time: "
          + ", ".join(f"{ratio:.1f} x {name} (bar {BARS[name]:.0f})"
                      for name, ratio in ratios.items()))
    missed = any(ratio < BARS[name] for name, ratio in ratios.items())
    return 1 if missed or any(line.startswith("ours") for line in wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
