#!/usr/bin/python3
"""What an SPF evaluation costs pySPF (Debian's python3-spf).

    pyspf.py CASES ROUNDS dnspython|py3dns

The last word names the DNS library under it: pySPF takes dnspython when it is there, else py3dns.
The server is that of /etc/resolv.conf. Output as of spf_ours."""

import resource
import sys


def read_cases(path):
    with open(path, encoding="ascii") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    return [(ip, "" if sender == "-" else sender, helo) for ip, sender, helo in lines]


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    path, rounds, library = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if library == "py3dns":
        sys.modules["dns"] = None  # an import of it fails now
    import spf

    cases = read_cases(path)
    for ip, sender, helo in cases:
        print(spf.check2(ip, sender, helo, receiver="mail.receiver.example")[0])
    before = cpu_seconds()
    for _ in range(rounds):
        for ip, sender, helo in cases:
            spf.check2(ip, sender, helo, receiver="mail.receiver.example")
    print(f"cpu {cpu_seconds() - before:.4f} {rounds * len(cases)}")


if __name__ == "__main__":
    main()
