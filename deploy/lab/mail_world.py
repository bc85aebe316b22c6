"""The mail half of the lab: what `up` starts, and the mail actions of the story."""

import json
import os
import secrets
import signal
import sys
from pathlib import Path

import mailboxes
import sender
import world
from errors import LabError
from hosted_server import HostedServer, write_secret
from ports import listens
from postfix_host import PostfixHost
from relay_node import RelayNode

WEBHOOK_PORT = 8080
OUTSIDE_DOMAINS = ("outside.example", "yahoo.com")
EVERYBODY = "everybody"


def _map_file(host, name, lines):
    path = host.configuration / name
    path.write_text("".join(lines))
    path.chmod(0o644)
    return f"texthash:{path}"


def _start_old(lab):
    """The customer's server: it knows its users and their aliases, and refuses everybody else."""
    host = PostfixHost(lab, "old", world.OLD_SERVER, "mail.shop.example")
    host.prepare()
    at = f"@{world.DOMAIN}"
    host.write_mailbox_host(
        [world.DOMAIN],
        _map_file(host, "mailboxes", (f"{each}{at} {each}/\n" for each in world.OLD_USERS)),
        _map_file(host, "aliases", (f"{alias}{at} {', '.join(each + at for each in users)}\n"
                                    for alias, users in world.OLD_ALIASES.items())))
    host.serve()
    return host


def _start_outside(lab):
    """The rest of the world: everybody has an address there, and all share one maildir."""
    host = PostfixHost(lab, "outside", world.OUTSIDE, "mail.outside.example")
    host.prepare()
    host.write_mailbox_host(OUTSIDE_DOMAINS, f"static:{EVERYBODY}/")
    host.serve()
    return host


def _start_webhook(lab):
    log = lab.directory / "webhook.jsonl"
    log.touch()
    address = lab.at(world.WEBHOOK)
    lab.serve("webhook", [sys.executable, Path(__file__).with_name("webhook_sink.py"), address,
                          WEBHOOK_PORT, log])
    return {"url": f"http://{address}:{WEBHOOK_PORT}/ready", "log": str(log)}


def relay_program(directory):
    """The agent's program, checked before anything is started."""
    program = Path(directory or "", "mxswitch-relay")
    if not directory or not os.access(program, os.X_OK):
        raise LabError(f"no program {program}; build it and name its folder with --programs "
                       "BUILD/bin, or leave the relay and the hosted server out with "
                       "--without-relays, or all mail with --dns-only")
    return program.resolve()


def _start_relays_and_hosted(lab, program):
    """The agents first: Postfix asks them, and Dovecot reads their file, from the first moment on."""
    nodes = [RelayNode(lab, name, address, index)
             for index, (name, address) in enumerate(world.RELAYS.items())]
    token_file = write_secret(lab, "relay-token", secrets.token_hex(32))
    hosted = HostedServer(lab, nodes[0].accounts, nodes[0].socketmap)
    for node, peer in zip(nodes, reversed(nodes)):
        node.start_agent(program, token_file, hosted.mail_root, peer)
    for node in nodes:
        node.await_agent()
        node.start_postfix()
    hosted.start()
    for node in nodes:
        node.await_postfix()
    hosted.await_ready()
    return {"relays": [{**node.facts(), "token_file": str(token_file),
                        "hosted": hosted.facts()["next_hop"]} for node in nodes],
            "hosted": hosted.facts(), "submission": hosted.submission.facts()}


def start(lab, program):
    """Starts the mail servers and waits until each greets; without a program no relay."""
    old, outside = _start_old(lab), _start_outside(lab)
    webhook = _start_webhook(lab)
    relays = _start_relays_and_hosted(lab, program) if program else {}
    for host in (old, outside):
        host.await_ready()
    lab.await_ready("webhook", lambda: listens(lab.at(world.WEBHOOK), WEBHOOK_PORT))
    stores = {host.name: {**host.facts(), "maildir": str(host.maildir)} for host in (old, outside)}
    lab.save(mail={**stores, "webhook": webhook, **relays})


def _mail(lab):
    return lab.need_mail().facts["mail"]


def send(lab, options):
    recipients = [each.strip() for each in options.to.split(",")]
    address = _mail(lab)["outside"]["address"]
    try:
        return sender.send(address, options.sender, recipients, options.subject, options.count,
                           options.rate)
    except OSError as error:
        raise LabError(f"send: the outside server ({address}:25): {error}; if it was ended: "
                       "lab start outside") from error


def forget_resolver(lab):
    """Ends the outside server's delivery processes once idle: only new ones read resolv.conf."""
    host = _mail(lab)["outside"]
    if not lab.supervisor.alive(host["name"]):
        return
    master = Path(host["queue"], "pid", "master.pid")
    os.kill(int(master.read_text(encoding="ascii")), signal.SIGHUP)  # what `postfix reload` sends


def _full(user):
    return user if "@" in user else f"{user}@{world.DOMAIN}"


def old_mailbox(lab, user):
    return mailboxes.in_maildir(Path(_mail(lab)["old"]["maildir"], user.partition("@")[0]))


def hosted_mailbox(lab, user):
    if "hosted" not in _mail(lab):
        raise LabError("mailbox: this lab was started --without-relays, so it has no hosted server")
    found = mailboxes.in_dovecot(_mail(lab)["hosted"]["dovecot"], _full(user))
    if found is None:
        raise LabError(f"mailbox: the hosted server knows no {_full(user)}")
    return found


def outside_mailboxes(lab):
    """The outside server's mail by the address that it was delivered to."""
    boxes = {}
    for message in mailboxes.in_maildir(Path(_mail(lab)["outside"]["maildir"], EVERYBODY)):
        boxes.setdefault(message["delivered_to"], []).append(message)
    return boxes


def webhook_requests(lab):
    """The requests in order of their arrival; a body that is JSON is given as such."""
    text = Path(_mail(lab)["webhook"]["log"]).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def mail_log(lab, name):
    hosts = {each["name"]: each for each in _hosts(_mail(lab))}
    if name not in hosts:
        raise LabError(f"mail-log: no host {name}; there are {', '.join(hosts)}")
    return Path(hosts[name]["log"]).read_text(errors="replace")


def _hosts(mail):
    return [mail["old"], mail["outside"], *mail.get("relays", []),
            *(mail[each] for each in ("hosted", "submission") if each in mail)]
