"""The story, act by act. Each act does what a person would do, then holds it against evidence
from the other side, and returns that evidence as one line."""

import re

import evidence
import page_reading
from narrator import StoryFailed, short, until
from stage import DOMAIN, NEW_MX, OLD_MX, OPERATOR_MAIL

READY_PATIENCE_S = 180
FIRST_OLD = "delivered before the change"
THROUGH_RELAY = "through the relay"


def expect(holds, otherwise):
    if not holds:
        raise StoryFailed(otherwise)


# ---- act 1: the world before the change ----

def plan_and_roster(stage):
    stage.mxswitch("plan", "apply", str(stage.plan))
    stage.mxswitch("roster", "load", DOMAIN, "--accounts", str(stage.accounts), "--aliases",
                   str(stage.aliases), "--default-password-file",
                   str(stage.password_files["newbie"]))
    nodes = until("every relay node on forward", 20, lambda: evidence.all_on(stage, "forward"))
    return f"plan and roster are at {' and '.join(nodes)}, each says it is on forward"


def contacts(stage):
    """The test message comes with a button; a person presses it."""
    stage.mxswitch("alert", "test", DOMAIN)
    mailed = until("the test message in the outside mailbox", 30,
                   evidence.mailed_alert(stage, OPERATOR_MAIL, "TEST"))
    posted = until("the test at the webhook", 30, evidence.webhook_alert(stage, "contact-test"))
    for text in (mailed["body"], posted["body"]):
        link = re.search(r"/ack/([0-9a-f]+)", text)
        expect(link, f"no button in the test message: {short(text)}")
        stage.press(link.group(0))
    return f"{OPERATOR_MAIL} and the webhook got the test and acknowledged it"


def plant(stage):
    answers = stage.lab_json("plant")
    holding = [each["name"] for each in answers if each["data"] == [f"{OLD_MX}."] or
               [text.rstrip(".") for text in each["data"]] == [OLD_MX]]
    expect(len(holding) == len(answers), f"only {len(holding)} of {len(answers)} hold the old MX")
    return f"the lab asked every resolver: all {len(holding)} now hold {OLD_MX}"


def mail_before(stage):
    stage.send(f"joe@{DOMAIN}", FIRST_OLD)
    return evidence.in_old_mailbox(stage, "joe", FIRST_OLD)


# ---- act 2: the MX changes, a secondary lags ----

def spf_record(stage):
    """The old server sends until the switch, the provider from then on."""
    old = stage.facts["mail"]["old"]["address"]
    return f"v=spf1 ip4:{old} include:spf.junkemailfilter.com ~all"


def publish_spf(stage):
    """Outbound mail will come from the hosted side: the record says so before it does."""
    record = spf_record(stage)
    stage.lab("set-record", DOMAIN, "TXT", record)
    seen = stage.lab_json("dig-all", DOMAIN, "TXT")
    serving = [each["name"] for each in seen if record in " ".join(each["data"])]
    expect("ns1" in serving, f"ns1 does not serve it; only {serving} do")
    return f"ns1 serves {record}"


def change_mx(stage):
    stage.lab("set-mx", NEW_MX)
    seen = {each["name"]: [text.rstrip(".") for text in each["data"]]
            for each in evidence.answers(stage) if each["name"] in ("ns1", "ns2")}
    expect(OLD_MX not in seen["ns1"], f"ns1 still serves {seen['ns1']}")
    expect(seen["ns2"] == [OLD_MX], f"ns2 does not lag: {seen['ns2']}")
    return "ns1 serves the new MX, ns2 lags and serves the old one"


def _serves_new_mx(answer):
    return sorted(text.rstrip(".") for text in answer["data"]) == sorted(NEW_MX.split(", "))


def _holders_of_the_new_mx(stage):
    return [each["name"] for each in evidence.answers(stage)
            if each["name"] not in ("ns1", "ns2") and _serves_new_mx(each)]


def mail_through_relay(stage):
    """Until caches agree mail takes either way; both lead to the old server.

    At each expiry a resolver meets either authority by chance, so the sender asks one that already
    holds the new MX: some senders always do."""
    attempt = 0

    def look():
        nonlocal attempt
        attempt += 1
        ahead = _holders_of_the_new_mx(stage)
        if not ahead:
            return False
        stage.lab("mail-resolver", ahead[0])
        stage.send(f"mary@{DOMAIN}", f"{THROUGH_RELAY} {attempt}")
        evidence.in_old_mailbox(stage, "mary", f"{THROUGH_RELAY} {attempt}")
        logs = [stage.lab("mail-log", each["name"]).stdout
                for each in stage.facts["mail"]["relays"]]
        return any(f"to=<mary@{DOMAIN}>" in log for log in logs)
    until("mail through the relay", 150, look, pause_s=2)
    return evidence.passed_relay(stage, f"mary@{DOMAIN}") + "; it lies in her old mailbox"


def refused(stage):
    digest = stage.snapshot()["plan_digest"]
    done = stage.mxswitch("switch", DOMAIN, "--plan", digest, "--reason", "too early",
                          check=False)
    expect(done.returncode == 3, f"exit {done.returncode}, not 3: {short(done.stdout)}")
    text = done.stdout + done.stderr
    for gate in ("authority", "propagation"):
        expect(gate in text, f"the refusal does not name {gate}: {short(text)}")
    evidence.all_on(stage, "forward")
    return "exit 3, naming authority and propagation; every relay says it is still on forward"


def page_tells(stage):
    """The page names who holds what, and why there is waiting; the lab's own look agrees."""
    confirmed = {}
    until("rows of old, new and split resolvers that the lab confirms", 90,
          lambda: _confirm_rows(stage, confirmed), pause_s=1)
    page = stage.page()
    servers = {key.split(" ")[0]: word
               for key, word in page_reading.classes(page, "authorities").items()}
    expect(servers == {"ns1.shop.example": "new", "ns2.shop.example": "old"},
           f"the page tells of the authorities: {servers}")
    clocks = page_reading.clocks(page)
    expect(clocks["Drain started"] is None and "still served" in page,
           f"the drain clock runs while ns2 serves the old MX: {clocks}")
    waiting = re.search(r'<p class="waits">(.*?)</p>', page, re.S)
    expect(waiting, "the page does not say why there is waiting")
    rows = ", ".join(f"{name} {word}" for word, name in sorted(confirmed.items()))
    return (f"rows as the lab sees them: {rows}; no drain clock yet; it says: "
            f"{short(re.sub('<[^>]+>', '', waiting.group(1)))}")


def _confirm_rows(stage, confirmed):
    """One resolver of each class that the page and the lab's look at that moment agree on."""
    rows = page_reading.classes(stage.page(), "resolvers")
    kinds = {each["name"]: each["kind"] for each in stage.facts["resolvers"]}
    for seen in evidence.answers(stage):
        word = rows.get(f"{seen['address']}:53", rows.get(seen["address"]))
        held = [text.rstrip(".") for text in seen["data"]]
        # One answer cannot show a split; but only a farm of several caches can be one.
        agrees = {"old": held == [OLD_MX], "new": _serves_new_mx(seen),
                  "split": kinds.get(seen["name"]) == "dnsdist"}
        if agrees.get(word):
            confirmed[word] = seen["name"]
    farms = "dnsdist" in kinds.values()
    return {"old", "new"} | ({"split"} if farms else set()) <= set(confirmed)


# ---- act 3: the caches run dry ----

def sync(stage):
    stage.lab("sync-secondary")

    def look():
        return all(OLD_MX not in [text.rstrip(".") for text in each["data"]]
                   for each in evidence.answers(stage) if each["name"] in ("ns1", "ns2"))
    until("ns2 with the new MX", 10, look)
    clocks = until("the drain clock on the page", 30, lambda: _running_clocks(stage))
    length = clocks["Strict until"] - clocks["Drain started"]
    expect(length.total_seconds() >= stage.facts["mx_ttl"], f"the drain takes {length}, less than the TTL")
    return (f"ns2 fetched the zone: both authorities serve the new MX; the page's drain clock runs "
            f"to {clocks['Strict until']:%H:%M:%S}, {length.total_seconds():.0f} s after its start")


def _running_clocks(stage):
    clocks = page_reading.clocks(stage.page())
    return clocks if clocks.get("Drain started") and clocks.get("Strict until") else None


def stretcher_named(stage):
    def look():
        named = [each for each in stage.snapshot()["resolvers"] if each["stretcher"]]
        return named or None
    named = until("a resolver named as stretching", READY_PATIENCE_S, look, pause_s=1)
    return f"named as keeping records longer than told: {named[0]['name']}"


def every_cache_new(stage):
    def look():
        return all(_serves_new_mx(each) for each in evidence.answers(stage))
    until("every resolver with the new MX", READY_PATIENCE_S, look, pause_s=2)
    return "the lab asked every resolver: all serve the new MX"


def ready(stage):
    posted = until("READY at the webhook", READY_PATIENCE_S,
                   evidence.webhook_alert(stage, "ready"), pause_s=1)
    mailed = until("READY in the outside mailbox", 30,
                   evidence.mailed_alert(stage, OPERATOR_MAIL, "READY"))
    return (f"webhook and {OPERATOR_MAIL}: {short(mailed['subject'] or posted['line'], 120)}; "
            f"SPF: {_spf_by_result(stage)}")


def _spf_by_result(stage):
    """Not that a term stands somewhere, but whom every resolver lets pass."""
    matrix = stage.snapshot()["spf"]["matrix"]
    expect(matrix and matrix["state"] == "right", f"SPF is not right: {matrix}")
    results = {sender["role"]: {row["results"][index]["result"] for row in matrix["rows"]
                                if row["evaluated"]}
               for index, sender in enumerate(matrix["senders"])}
    expect(results == {"old": {"pass"}, "new": {"pass"}, "stranger": {"softfail"}},
           f"SPF lets other senders pass: {results}")
    return matrix["why"]


# ---- act 4: the switch ----

def switch(stage, reason="the old records are gone"):
    digest = stage.snapshot()["plan_digest"]
    done = stage.mxswitch("switch", DOMAIN, "--plan", digest[:16], "--reason", reason)
    nodes = until("every node on hosted", 20, lambda: evidence.all_on(stage, "hosted"))
    return f"exit {done.returncode}; {' and '.join(nodes)} say they are on hosted"


def joe_by_imap(stage):
    stage.send(f"joe@{DOMAIN}", "first hosted mail")
    told = evidence.by_imap(stage, "joe", "first hosted mail")
    evidence.not_in_old_mailbox(stage, "joe", "first hosted mail")
    return told


def aliases(stage):
    stage.send(f"sales@{DOMAIN}", "to sales")
    evidence.in_hosted_mailbox(stage, "mary", "to sales")
    evidence.in_hosted_mailbox(stage, "jane", "to sales")
    many = ",".join(f"{name}@{DOMAIN}" for name in ("info", "merry", "sales", "mary"))
    stage.send(many, "to four names")
    evidence.in_hosted_mailbox(stage, "jane", "to four names")
    evidence.in_hosted_mailbox(stage, "mary", "to four names", times=1)
    return "sales reached mary and jane; one message to info, merry, sales and mary reached " \
           "mary once"


def outside_alias(stage):
    stage.send(f"dan@{DOMAIN}", "to dan")
    return evidence.at_outside(stage, "dan@yahoo.com", "to dan")


def unknown_name(stage):
    for relay in stage.facts["mail"]["relays"]:
        reply = stage.client("rcpt", relay["address"], f"nobody@{DOMAIN}")
        expect(reply["code"] == 550 and reply["text"].startswith("5.1.1"),
               f"{relay['name']} answers {reply['code']} {reply['text']}")
    return "every node answers an unknown name with 550 5.1.1"


def newbie(stage):
    stage.send(f"newbie@{DOMAIN}", "welcome")
    evidence.in_hosted_mailbox(stage, "newbie", "welcome")
    hosted = stage.facts["mail"]["hosted"]
    reply = stage.client("auth", hosted["address"], str(hosted["submission_port"]),
                         f"newbie@{DOMAIN}", stage.password_files["newbie"])
    expect(reply["code"] == 535, f"AUTH with the default password: {reply}")
    return "newbie gets mail, but AUTH with the default password is answered 535"


# ---- act 5: back, and again ----

def rollback(stage):
    stage.mxswitch("rollback", DOMAIN, "--reason", "rehearsing the way back")
    until("every node on forward", 20, lambda: evidence.all_on(stage, "forward"))
    stage.send(f"joe@{DOMAIN}", "after the rollback")
    return evidence.in_old_mailbox(stage, "joe", "after the rollback")


def frozen(stage):
    """A rollback had a reason: nothing is READY until somebody says that it is dealt with."""
    snapshot = stage.snapshot()
    expect("rehearsing the way back" in snapshot["waiting_for"],
           f"the first line does not say why: {snapshot['waiting_for']}")
    for waiting in ((), ("--wait",)):
        done = stage.mxswitch("switch", DOMAIN, "--plan", snapshot["plan_digest"], "--reason",
                              "too early", *waiting, check=False)
        expect(done.returncode == 3, f"exit {done.returncode}, not 3: {short(done.stderr)}")
        expect("frozen since the rollback" in done.stderr + done.stdout,
               f"the refusal does not say why: {short(done.stderr)}")
    expect(stage.snapshot()["state"] != "ready", "it is READY while it is frozen")
    stage.mxswitch("unfreeze", DOMAIN, "--reason", "the way back was rehearsed")
    return short(snapshot["waiting_for"], 160)


def switch_again(stage):
    until("the gates open again", READY_PATIENCE_S,
          lambda: stage.snapshot()["state"] == "ready", pause_s=1)
    told = switch(stage, reason="rehearsal done")
    stage.send(f"jane@{DOMAIN}", "hosted again")
    return told + "; " + evidence.in_hosted_mailbox(stage, "jane", "hosted again")


def history(stage):
    text = stage.mxswitch("history", DOMAIN).stdout
    for words in ("the old records are gone", "rehearsing the way back", "rehearsal done",
                  "operator"):
        expect(words in text, f"the history does not say \"{words}\"")
    return f"{len(text.splitlines())} lines say who did what, when and why"


STORY = (
    ("the plan", plan_and_roster, "The operator writes a plan and two files of names; mxswitch "
     "brings them to both relay nodes. The relay forwards everything to the old server."),
    ("the contact", contacts, "After the move the customer can't be mailed at the old server, so "
     "alerts go outside. A test message comes with a button."),
    ("old record planted", plant, "So that there is something to wait for, the lab lets every "
     "resolver cache the old MX. mxswitch says on the page that this was done on purpose."),
    ("mail before", mail_before, "Somebody outside writes to joe. The world still knows the old "
     "MX only."),
    ("SPF published", publish_spf, "Outbound mail will leave through the provider, so the SPF "
     "record includes it. It converges like the MX."),
    ("MX changed", change_mx, "The customer changes the MX. The primary serves it at once; the "
     "secondary lags behind."),
    ("mail through the relay", mail_through_relay, "Who sees the new MX now sends to the relay, "
     "which passes the mail on to the old server. Nothing is lost either way."),
    ("switch refused", refused, "An impatient operator tries to switch. One authority still "
     "serves the old MX, so the gates are closed."),
    ("the page", page_tells, "The page says who holds what, and why there is waiting."),
    ("secondary synced", sync, "The secondary catches up. From now on no cache can learn the old "
     "MX again."),
    ("stretcher named", stretcher_named, "One resolver keeps records longer than it is told. It "
     "is called that, not \"down\"."),
    ("caches expired", every_cache_new, "One by one the caches run dry and fetch the new MX."),
    ("READY", ready, "Every condition holds: authorities, drain bound, samples, coherence. The "
     "alert goes to a webhook and to an outside mailbox."),
    ("switch", switch, "Now the switch is allowed. Every node is written, read back and probed."),
    ("hosted mail", joe_by_imap, "joe's next mail lies in his new mailbox."),
    ("aliases", aliases, "Aliases reach everybody once."),
    ("outside alias", outside_alias, "dan is an alias to an outside address."),
    ("unknown name", unknown_name, "A name that is neither account nor alias is refused."),
    ("default password", newbie, "newbie was listed without a password: mail arrives, but the "
     "default password opens nothing until it is changed."),
    ("rollback", rollback, "The way back needs no gate, only a reason."),
    ("frozen", frozen, "Until somebody says that the reason is dealt with, no READY and no switch."),
    ("switch again", switch_again, "And forward once more."),
    ("history", history, "Who did what, when and why."),
)
