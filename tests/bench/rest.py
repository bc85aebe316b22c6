"""What plans at rest cost: CPU and memory of a real `mxswitch serve` in the lab, with relay nodes,
authorities and an old server that answer; first with nobody looking, then with a page open on each
of ten plans. CPU is user and system time of the process, so a busy machine changes little."""

import argparse
import http.client
import json
import os
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "deploy" / "story"))

import stage as story  # noqa: E402
from narrator import StoryFailed, until  # noqa: E402

PAGES = 10
# Plans, not the story's pace: what stands in none of them is as shipped.
CONFIG = """\
store = "sqlite:{here}/mxswitch.db"

[server]
listen = "127.0.0.1:{port}"
token = [{{ name = "operator", file = "{token_file}", scopes = ["read", "operate", "override"] }}]

[dns]
resolvers = "{resolvers}"

[alerts]
smtp = "{smtp}"
from = "mxswitch@filter.example"

[[relay]]
name = "filter"
driver = "native"
token_file = "{relay_token_file}"
nodes = [{nodes}]
"""
PLAN = """\
domain = "{domain}"

[mx]
new = ["10 mx1.filter.example", "20 mx2.filter.example"]

[relay]
name = "filter"
forward = "{forward}"
hosted = "{hosted}"
probe_recipient = "postmaster@shop.example"
old_server_exempts = true

[contact]
external = ["{webhook}"]

[policy]
quiet = true
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """CPU seconds and memory of one process, from /proc."""

    def __init__(self, pid):
        self._stat = Path(f"/proc/{pid}/stat")
        self._status = Path(f"/proc/{pid}/status")
        self._tick = os.sysconf("SC_CLK_TCK")

    def cpu_s(self):
        fields = self._stat.read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / self._tick

    def rss_mib(self):
        line = next(each for each in self._status.read_text().splitlines()
                    if each.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def share_of_a_core(self, seconds):
        begun, at = self.cpu_s(), time.monotonic()
        time.sleep(seconds)
        return (self.cpu_s() - begun) / (time.monotonic() - at)


class Page(threading.Thread):
    """A browser with a page open: its stream of news, and the page again at each."""

    def __init__(self, port, domain):
        super().__init__(daemon=True)
        self._port, self._domain, self.fetched = port, domain, 0
        self._ended = threading.Event()

    def _fetch(self):
        page = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        page.request("GET", f"/d/{self._domain}")
        answer = page.getresponse()
        if answer.status != 200 or not answer.read():
            raise StoryFailed(f"the page of {self._domain}: {answer.status}")
        page.close()
        self.fetched += 1

    def run(self):
        self._fetch()
        stream = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        stream.request("GET", f"/api/v1/events?domain={self._domain}&brief")
        answer = stream.getresponse()
        while not self._ended.is_set():
            if answer.readline().strip() == b"event: snapshot":
                self._fetch()

    def close(self):
        self._ended.set()


class World:
    def __init__(self, programs, plans):
        self._temporary = tempfile.TemporaryDirectory(prefix="mxrest-", dir="/var/tmp")
        self.stage = story.Stage(self._temporary.name, programs, free_port())
        self.domains = [f"p{number:04}.shop.example" for number in range(plans)]

    def close(self):
        self.stage.down()
        self._temporary.cleanup()

    def open(self):
        stage = self.stage
        stage.up("--mx-ttl", "3600")
        stage.lab("set-record", "*.shop.example", "MX", story.OLD_MX)
        stage.lab("sync-secondary")
        story.CONFIG = CONFIG
        stage.prepare()
        stage.serve()
        until("serve answers", 60, self._states)
        for domain in self.domains:
            self._apply(domain)
        until("every plan at rest", 300, self._all_forwarding, pause_s=3)

    def _call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.stage.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def _states(self):
        try:
            status, body = self._call("GET", "/api/v1/switchovers")
        except OSError as why:
            raise StoryFailed(f"serve does not answer: {why}") from why
        if status != 200:
            raise StoryFailed(f"serve answers {status}")
        return [each["state"] for each in body["switchovers"]] or ["none"]

    def _all_forwarding(self):
        states = self._states()
        resting = states.count("forwarding")
        if resting != len(self.domains):
            raise StoryFailed(f"{resting} of {len(self.domains)} plans are forwarding")
        return True

    def _apply(self, domain):
        mail = self.stage.facts["mail"]
        plan = PLAN.format(domain=domain, forward=f"smtp:[{mail['old']['address']}]:25",
                           hosted=mail["relays"][0]["hosted"], webhook=mail["webhook"]["url"])
        token = self.stage.token_file.read_text().strip()
        status, body = self._call(
            "POST", f"/api/v1/switchovers/{domain}/commands",
            json.dumps({"verb": "plan", "arguments": {"plan": plan, "name": f"{domain}.toml"}}),
            {"Content-Type": "application/json", "Authorization": f"Bearer {token}",
             "Idempotency-Key": f"rest-{domain}"})
        if status != 202:
            raise StoryFailed(f"the plan of {domain}: {status} {body}")

    def server(self, name):
        processes = json.loads((self.stage.directory / "processes.json").read_text())
        return Process(processes[name]["pid"])


def settled(serve):
    """What a start costs is another figure: the first probes of all plans leave together."""
    last = serve.share_of_a_core(10)
    for _ in range(8):
        share = serve.share_of_a_core(10)
        if share > last * 0.8:
            return
        last = share


def row(what, value, bar, unit):
    print(f"{what:<52} {value:8.3f} {unit:<9} bar {bar:<6} {value / bar:6.2f} of it", flush=True)
    return value <= bar


def measure(world, seconds):
    serve = world.server("mxswitch")
    agents = [world.server(name) for name in ("mx1-agent", "mx2-agent")]
    settled(serve)
    before = [agent.cpu_s() for agent in agents]
    count = len(world.domains)
    held = row(f"{count} plans at rest, nobody looks: CPU", serve.share_of_a_core(seconds), 0.05,
               "of a core")
    spent = ", ".join(f"{(agent.cpu_s() - was) / seconds:.3f}"
                      for agent, was in zip(agents, before))
    held = row(f"{count} plans at rest, nobody looks: memory", serve.rss_mib(), 150, "MiB") and held
    pages = [Page(world.stage.port, domain) for domain in world.domains[:PAGES]]
    for page in pages:
        page.start()
    time.sleep(5)
    fetched = sum(page.fetched for page in pages)
    held = row(f"the same with a page open on each of {len(pages)}: CPU",
               serve.share_of_a_core(seconds), 0.1, "of a core") and held
    fetched = sum(page.fetched for page in pages) - fetched
    for page in pages:
        page.close()
    print(f"fetched again meanwhile: {fetched} pages; the two relay agents took {spent} of a core")
    return held


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--plans", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    world = World(arguments.programs, arguments.plans)
    try:
        world.open()
        return 0 if measure(world, arguments.seconds) else 1
    except StoryFailed as why:
        print(f"rest: {why}", file=sys.stderr)
        return 1
    finally:
        world.close()


if __name__ == "__main__":
    sys.exit(main())
