"""Starting and ending a lab as a whole: everything or nothing is left behind."""

import dns_world
import labnet
import mail_world
import world
from errors import LabError, NetworkError


def _make_network(lab, addresses, wanted):
    """Creates the best network that this machine allows; the facts tell which and why."""
    refusals = []
    for network in labnet.candidates(lab.directory, wanted):
        lab.network = network
        lab.save(network={"kind": network.kind, "name": network.name,
                          "leaves_out": network.leaves_out})
        try:
            network.create(addresses, lab.supervisor)
            return refusals
        except NetworkError as error:
            refusals.append(str(error))
            lab.teardown()
    raise LabError("no network for the lab:\n  " + "\n  ".join(refusals))


def up(lab, options):
    """Starts a lab; on any failure or signal all of it is ended again."""
    dns_world.check_sticky(options.sticky)
    wants_relays = not (options.dns_only or options.without_relays)
    program = mail_world.relay_program(options.programs) if wants_relays else None
    with lab.locked(), lab.interruption:
        if lab.running:
            raise LabError(f"a lab is up in {lab.directory} already; end it with: "
                           f"deploy/lab/lab down --dir {lab.directory}")
        lab.teardown()
        lab.empty_directory()
        try:
            _start(lab, options, program)
        except BaseException:
            lab.teardown()
            raise


def _start(lab, options, program):
    lab.save(state="starting", directory=str(lab.directory))
    refusals = _make_network(lab, [*dns_world.addresses(), *world.MAIL_ADDRESSES],
                             options.network)
    lab.save(state="starting", directory=str(lab.directory), refused_networks=refusals,
             resolv_conf=dns_world.write_resolv_conf(lab))
    lab.enter()
    dns_world.start(lab, options.mx_ttl, options.sticky)
    if not options.dns_only and not lab.network.leaves_out:
        mail_world.start(lab, program)
    lab.save(state="up")


def down(lab):
    """Ends a lab; doing it again, or where none is, changes nothing."""
    if not lab.directory.exists():
        return
    with lab.locked():
        lab.teardown()
