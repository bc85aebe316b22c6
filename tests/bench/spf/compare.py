#!/usr/bin/python3
"""Evaluations per CPU second of ours, pySPF and libspf2, in one run against one NSD.

    compare.py PROGRAMS FOLDER ROUNDS

Each program runs three times, in turn with the others, and its least CPU counts: what else runs on
the machine only ever adds. Run in a network and mount namespace of its own (tests/bench/run does it): NSD takes port 53 of
its loopback and /etc/resolv.conf names it, since libspf2 can ask nobody else. Exit 1: a bar is
missed, or a result of ours is not what RFC 7208 says (WANTED)."""

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BARS = {"pySPF": 20.0, "libspf2": 2.0}
TURNS = 3
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


def datagrams_sent():
    """In this namespace: a question and its answer are two."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()
             if line.startswith("Udp:")]
    return int(dict(zip(*lines))["OutDatagrams"])


def run(command):
    """(results, CPU microseconds an evaluation, questions an evaluation, evaluations)"""
    before = datagrams_sent()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=900)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr[-400:]}")
    *results, last = done.stdout.split("\n")[:-1]
    cpu, count = float(last.split()[1]), int(last.split()[2])
    questions = (datagrams_sent() - before) / 2 / (count + len(results))
    return results, cpu / count * 1e6, questions, count


def cases():
    lines = (HERE / "cases.txt").read_text(encoding="ascii").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def wrong_results(name, results):
    """What differs from the RFC, by name of the case."""
    return [f"{name}: {case}: {got}, wanted {wanted}"
            for case, got, wanted in zip(cases(), results, WANTED) if got != wanted]


def main():
    programs, folder, rounds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    names = HERE / "cases.txt"
    # name, what answers between evaluations, command; the slow one gets fewer rounds
    plan = [
        ("ours, 1 at a time", "nothing", [programs / "spf_ours", names, "127.0.0.1", rounds, 1]),
        ("ours, 16 at a time", "nothing", [programs / "spf_ours", names, "127.0.0.1", rounds, 16]),
        ("ours, 64 at a time", "nothing", [programs / "spf_ours", names, "127.0.0.1", rounds, 64]),
        ("libspf2", "nothing", [programs / "spf_libspf2", names, rounds, "resolv"]),
        ("libspf2 with its cache", "its cache", [programs / "spf_libspf2", names, rounds, "cache"]),
        ("pySPF on dnspython", "nothing",
         ["/usr/bin/python3", HERE / "pyspf.py", names, max(1, rounds // 20), "dnspython"]),
        ("pySPF on py3dns", "nothing",
         ["/usr/bin/python3", HERE / "pyspf.py", names, max(1, rounds // 20), "py3dns"]),
    ]
    server = start_server(folder)
    runs, wrong = {}, []
    try:
        for turn in range(TURNS):
            for name, _, command in plan:
                runs.setdefault(name, []).append(run(command))
                if turn == 0:
                    wrong += wrong_results(name, runs[name][0][0])
    finally:
        server.terminate()
        server.wait()
    print(f"spf: CPU (user and system, getrusage) of the evaluating process alone after one round "
          f"to warm up, {len(cases())} cases, real packets to one NSD, least of {TURNS} runs")
    print(f"{'':24} {'keeps answers':>14} {'questions':>10} {'evaluations':>12} {'us each':>8} "
          f"{'a CPU second':>13}")
    cost = {name: min(each[1] for each in turns) for name, turns in runs.items()}
    for name, keeps, _ in plan:
        _, _, questions, count = runs[name][0]
        print(f"{name:24} {keeps:>14} {questions:>10.2f} {count:>12} {cost[name]:>8.1f} "
              f"{1e6 / cost[name]:>13.0f}")
    for line in wrong:
        print("not as RFC 7208 says:", line)
    return judge(cost, wrong)


def judge(cost, wrong):
    """The bars are held against the faster of pySPF's two DNS libraries."""
    ours = min(us for name, us in cost.items() if name.startswith("ours"))
    ratios = {name: cost[name] / ours for name in cost if not name.startswith("ours")}
    held = {"pySPF": min(ratios["pySPF on dnspython"], ratios["pySPF on py3dns"]),
            "libspf2": ratios["libspf2"]}
    missed = [name for name, bar in BARS.items() if held[name] < bar]
    print("spf: ours, evaluations a CPU second: "
          + ", ".join(f"{ratio:.2f} x {name}" for name, ratio in ratios.items()))
    print(f"spf: bars {BARS['pySPF']:.0f} x pySPF and {BARS['libspf2']:.0f} x libspf2: "
          + (f"MISSED against {' and '.join(missed)}" if missed else "held"))
    return 1 if missed or any(line.startswith("ours") for line in wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
