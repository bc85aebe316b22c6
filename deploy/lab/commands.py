"""The commands of `lab`: each takes the lab and its options, prints, and returns its exit code."""

import json
import os
import sys

import dns_world
import forwarder
import lifecycle
import mail_world
from errors import LabError


def show(options, value, text):
    print(json.dumps(value, indent=1) if options.json else text)


def answer_lines(answers):
    return "\n".join(
        f"{each['name']:<11} {each['address']:<16} {each['rcode']:<9} "
        f"{', '.join(each['data']) or each.get('why', '-')}"
        + (f"  (TTL {each['ttl']})" if each.get("ttl") is not None else "") for each in answers)


def up(lab, options):
    lifecycle.up(lab, options)
    network = lab.facts["network"]
    left_out = f"; leaves out {network['leaves_out']}" if network["leaves_out"] else ""
    show(options, lab.facts,
         f"lab up in {lab.directory}: {len(lab.supervisor.ledger)} servers, network "
         f"{network['kind']} ({network['name']}){left_out}")


def down(lab, options):
    lifecycle.down(lab)
    show(options, {"state": "down"}, f"lab down in {lab.directory}")


def status(lab, options):
    servers = {name: lab.supervisor.alive(name) for name in lab.supervisor.ledger}
    state = lab.facts.get("state", "down")
    lines = [f"{name:<16} {'up' if alive else 'down'}" for name, alive in servers.items()]
    show(options, {"state": state, "servers": servers},
         "\n".join([f"lab in {lab.directory}: {state}", *lines]))
    return 0 if state == "up" and all(servers.values()) else 1


def set_mx(lab, options):
    dns_world.set_mx(lab.need_running(), options.mx)


def set_record(lab, options):
    dns_world.set_record(lab.need_running(), options.owner, options.type.upper(), options.data,
                         options.ttl)


def sync_secondary(lab, _options):
    dns_world.sync_secondary(lab.need_running())


def mail_resolver(lab, options):
    dns_world.write_resolv_conf(lab.need_running(), options.name)
    mail_world.forget_resolver(lab)


def plant(lab, options):
    answers = dns_world.plant(lab.need_running().enter())
    show(options, answers, answer_lines(answers))
    return 0 if all(each["data"] for each in answers) else 1


def dig_all(lab, options):
    answers = dns_world.look(lab.need_running().enter(), options.name, options.type.upper())
    show(options, answers, answer_lines(answers))


def given_program(options):
    argv = options.argv[1:] if options.argv[:1] == ["--"] else options.argv
    if not argv:
        raise LabError("name a program to run, e.g. exec -- dig @1.1.1.1 shop.example MX")
    return argv


def run_here(lab, options):
    argv = given_program(options)
    lab.need_running().enter()
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        raise LabError(f"exec: cannot run {argv[0]}: {error.strerror}") from error


def run_as_server(lab, options):
    with lab.locked():
        ledger = lab.need_running().supervisor.ledger
        if options.name in ledger and lab.supervisor.alive(options.name):
            raise LabError(f"run: {options.name} runs already; end it with kill {options.name}")
        lab.enter().supervisor.start(options.name, given_program(options), os.getcwd())
        lab.supervisor.stays(options.name)


def known_server(lab, name):
    if name not in lab.need_running().supervisor.ledger:
        raise LabError(f"no server {name} in this lab; there are "
                       f"{', '.join(lab.supervisor.ledger)}")
    return name


def kill(lab, options):
    with lab.locked():
        lab.supervisor.stop(known_server(lab, options.name))


def start(lab, options):
    with lab.locked():
        name = known_server(lab, options.name)
        lab.enter().supervisor.start(name)


def forward(lab, options):
    name = f"forward-{options.port}"
    with lab.locked():
        if lab.need_running().network.kind == "loopback":
            return  # nothing is apart here: the host sees the port as it is
        if name in lab.supervisor.ledger and lab.supervisor.alive(name):
            return
        try:
            forwarder.listener(options.address, options.port).close()
        except OSError as error:
            raise LabError(f"forward: port {options.port} of {options.address}: "
                           f"{error.strerror}; find who holds it: ss -ltnp 'sport = "
                           f":{options.port}'") from error
        lab.supervisor.start(name, [sys.executable, forwarder.__file__, lab.directory,
                                    options.address, options.port])
        lab.supervisor.wait_for_output(name, "forwarding")


def message_lines(messages):
    return "\n".join(f"{each['from']} -> {each['to']}: {each['subject']}"
                     for each in messages) or "(no messages)"


def send(lab, options):
    sent = mail_world.send(lab.need_mail().enter(), options)
    refused = [each for each in sent if not each["accepted"]]
    show(options, sent, "\n".join([f"{len(sent) - len(refused)} of {len(sent)} accepted by the "
                                   "outside server", *(each["why"] for each in refused)]))
    return 1 if refused else 0


def mailbox(lab, options):
    messages = mail_world.hosted_mailbox(lab.need_mail().enter(), options.user)
    show(options, messages, message_lines(messages))


def old_mailbox(lab, options):
    messages = mail_world.old_mailbox(lab, options.user)
    show(options, messages, message_lines(messages))


def mail_log(lab, options):
    text = mail_world.mail_log(lab, options.host)
    show(options, text.splitlines(), text.rstrip())


def sink(lab, options):
    boxes, requests = mail_world.outside_mailboxes(lab), mail_world.webhook_requests(lab)
    lines = [f"{address}\n{message_lines(messages)}" for address, messages in boxes.items()]
    lines += [f"webhook {each['at']} {each['path']} {each['body']}" for each in requests]
    show(options, {"mailboxes": boxes, "webhook": requests}, "\n".join(lines) or "(nothing)")
