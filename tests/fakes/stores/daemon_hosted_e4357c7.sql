-- A store written by commit e4357c7 in the lab's story, the state is hosted; observations are thinned. As `.dump` prints it, without the
-- transaction and the table of migrations, which open_database makes itself.
CREATE TABLE acknowledge_tokens (token_hash TEXT PRIMARY KEY, domain TEXT NOT NULL, target TEXT NOT NULL, expires_at INTEGER NOT NULL);
CREATE TABLE audit (id INTEGER PRIMARY KEY, domain TEXT NOT NULL, at_ms INTEGER NOT NULL,
  who TEXT NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL, evidence TEXT NOT NULL);
INSERT INTO "audit" VALUES(1,'shop.example',1796071907805,'operator','plan bbc9bb3f2ee5 of generation 1','a plan was given','');
INSERT INTO "audit" VALUES(2,'shop.example',1796071908172,'mxswitch','the domain is made known to mx1','plan bbc9bb3f2ee5','operation 05ef0c8a-b6a2-499c-a9be-42cfe207ef29');
INSERT INTO "audit" VALUES(3,'shop.example',1796071908182,'mxswitch','the domain is made known to mx1','plan bbc9bb3f2ee5','operation d3937b89-b7e5-487d-8af1-e70f899319f1');
INSERT INTO "audit" VALUES(4,'shop.example',1796071908412,'mxswitch','the domain is made known to mx2','plan bbc9bb3f2ee5','operation 66a737f2-ec7f-4e62-b5a0-4d36239b9de2');
INSERT INTO "audit" VALUES(5,'shop.example',1796071909198,'mxswitch','draft -> forwarding','every node of the relay is on forward','');
INSERT INTO "audit" VALUES(6,'shop.example',1796071909947,'operator','roster','shop.example: 4 accounts and 6 aliases are at every node','digest 9d892705ed66');
INSERT INTO "audit" VALUES(7,'shop.example',1796071913951,'operator','alert test','tests the outside contacts','2 contact(s)');
INSERT INTO "audit" VALUES(8,'shop.example',1796071930987,'mxswitch','forwarding -> propagating','an authority answers with the new set','since 2026-11-30T20:52:09Z');
INSERT INTO "audit" VALUES(9,'shop.example',1796072010989,'mxswitch','propagating -> eligible','every gate is open','');
INSERT INTO "audit" VALUES(10,'shop.example',1796072016670,'operator','eligible -> armed','the old records are gone','plan bbc9bb3f2ee5');
INSERT INTO "audit" VALUES(11,'shop.example',1796072017180,'operator','armed -> switching','the old records are gone','every gate open for bbc9bb3f2ee542259e16487e9668e8595e45ea0d20648dc64ba6aa8f4f7a772f');
INSERT INTO "audit" VALUES(12,'shop.example',1796072018402,'mxswitch','switching 1/2','the relay reports hosted in force','');
INSERT INTO "audit" VALUES(13,'shop.example',1796072018590,'mxswitch','switching 2/2','the relay reports hosted in force','');
INSERT INTO "audit" VALUES(14,'shop.example',1796072018646,'mxswitch','switching -> verifying','every node reports hosted in force','');
INSERT INTO "audit" VALUES(15,'shop.example',1796072021307,'mxswitch','verifying -> hosted','probes were delivered and read back','probes through mx1, mx2 were read back by IMAP');
CREATE TABLE contacts (domain TEXT NOT NULL, target TEXT NOT NULL, tested_at INTEGER, acknowledged_at INTEGER, last_delivery_at INTEGER, last_delivery_ok INTEGER NOT NULL DEFAULT 0, last_error TEXT, PRIMARY KEY (domain, target));
INSERT INTO "contacts" VALUES('shop.example','ops@outside.example',1796071913999,1796071917706,1796072021339,1,NULL);
INSERT INTO "contacts" VALUES('shop.example','http://198.51.100.210:8080/ready',1796071914014,1796071917866,1796072021353,1,NULL);
CREATE TABLE gate_override (id INTEGER PRIMARY KEY, domain TEXT NOT NULL, gate TEXT NOT NULL,
  digest TEXT NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL);
CREATE TABLE known_op (domain TEXT NOT NULL, op_id TEXT NOT NULL, PRIMARY KEY (domain, op_id));
INSERT INTO "known_op" VALUES('shop.example','05ef0c8a-b6a2-499c-a9be-42cfe207ef29');
INSERT INTO "known_op" VALUES('shop.example','d3937b89-b7e5-487d-8af1-e70f899319f1');
INSERT INTO "known_op" VALUES('shop.example','66a737f2-ec7f-4e62-b5a0-4d36239b9de2');
INSERT INTO "known_op" VALUES('shop.example','d3501b01-7b22-4ad9-b062-13a9c9542bcb');
INSERT INTO "migrations" VALUES('observations',1);
INSERT INTO "migrations" VALUES('observations',2);
INSERT INTO "migrations" VALUES('observations',3);
INSERT INTO "migrations" VALUES('history',1);
INSERT INTO "migrations" VALUES('alerts',1);
INSERT INTO "migrations" VALUES('journal',1);
INSERT INTO "migrations" VALUES('journal',2);
CREATE TABLE observation_heads (owner TEXT PRIMARY KEY, head TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE observations (owner TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, server TEXT NOT NULL, body TEXT NOT NULL, moments TEXT NOT NULL, count INTEGER NOT NULL, largest_gap INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, open INTEGER NOT NULL, mark INTEGER NOT NULL, whole INTEGER NOT NULL, PRIMARY KEY (owner, seq)) WITHOUT ROWID;
CREATE TABLE operation (id TEXT PRIMARY KEY, domain TEXT NOT NULL, verb TEXT NOT NULL,
  status TEXT NOT NULL, exit_code INTEGER NOT NULL, detail TEXT NOT NULL, request TEXT NOT NULL,
  idempotency_key TEXT NOT NULL, at_ms INTEGER NOT NULL, UNIQUE (domain, idempotency_key));
INSERT INTO "operation" VALUES('0535c322-590f-4a6e-9b4a-4103bf996317','shop.example','plan','done',0,'{"digest":"bbc9bb3f2ee542259e16487e9668e8595e45ea0d20648dc64ba6aa8f4f7a772f","state":"draft","text":"shop.example: plan bbc9bb3f2ee5 is in force"}','a6fe31d07b6e8131317b37b37dddc5997761db0dd65b3b7d19a79ba9a1f5453b','c23799f9-a805-41d2-97b0-25cc3cdf9f11',1796071907805);
INSERT INTO "operation" VALUES('b9f23fd6-40b7-4037-8010-04f04d3b140c','shop.example','roster','done',0,'{"accounts":4,"aliases":6,"digest":"9d892705ed6695f11dfd18dc2e8ec9ec7a2385029ac63cf5f3b1730a3bf3f2f1","extra":{"accounts":[],"aliases":[],"removed":false},"nodes":["mx1","mx2"],"on_default_password":["newbie"],"text":"shop.example: 4 accounts and 6 aliases are at every node"}','ed0521395f4bea4aac6f1529b0c1abf873da9bee9df0271d6c25315a3c09395b','e2077d8e-26cf-43b9-80b6-393dddd3b6a7',1796071909947);
INSERT INTO "operation" VALUES('18e796ff-258a-4fc4-906d-732bd7fbbe62','shop.example','alert','done',0,'{"text":"shop.example: a test is on its way to 2 contact(s)"}','ed612eed4679528aa76de9d264c1c21b2dba6f532b218f122d675f3abdeff46a','55134150-2274-4f09-894f-2139a45689c0',1796071913968);
INSERT INTO "operation" VALUES('d3501b01-7b22-4ad9-b062-13a9c9542bcb','shop.example','switch','done',0,'{"text":"probes through mx1, mx2 were read back by IMAP"}','cf63c7cc4bb2e1f75eea65d3e1ef0f8f893d1d7e3802c15f1285e05e23e7b72a','6971921b-b6f1-429e-b71e-c750e50e18c2',1796072016670);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, domain TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, line TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at INTEGER, delivered_at INTEGER, last_error TEXT);
INSERT INTO "outbox" VALUES(15,'shop.example','ops@outside.example','hosted','shop.example is switched: mail is delivered to the hosted side','probes were delivered and read back',1796072021307,1,NULL,1796072021339,NULL);
INSERT INTO "outbox" VALUES(16,'shop.example','http://198.51.100.210:8080/ready','hosted','shop.example is switched: mail is delivered to the hosted side','probes were delivered and read back',1796072021307,1,NULL,1796072021353,NULL);
CREATE TABLE resolver_lists (digest TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE switchover (domain TEXT PRIMARY KEY, revision INTEGER NOT NULL, machine TEXT NOT NULL,
  plan_text TEXT NOT NULL, plan_name TEXT NOT NULL, wanted_roster TEXT NOT NULL);
INSERT INTO "switchover" VALUES('shop.example',16,'{"authorised":{"digest":"bbc9bb3f2ee542259e16487e9668e8595e45ea0d20648dc64ba6aa8f4f7a772f","generation":1},"base":"forward","blocked_why":"","closed":[],"digest":"bbc9bb3f2ee542259e16487e9668e8595e45ea0d20648dc64ba6aa8f4f7a772f","domain":"shop.example","frozen":false,"gates_lost":false,"generation":1,"relay_unreadable":false,"return_to":"forwarding","since_ms":1796072021307,"state":"hosted"}','domain = "shop.example"

[mx]
new = ["10 mx1.filter.example", "20 mx2.filter.example"]

[spf]
require = ["include:spf.junkemailfilter.com"]
all = "~all"
senders_old = ["198.51.100.25"]
senders_new = ["203.0.113.11", "203.0.113.12", "203.0.113.20"]

[relay]
name = "filter"
forward = "smtp:[198.51.100.25]:25"
hosted = "lmtp:inet:203.0.113.20:24"
probe_recipient = "postmaster@shop.example"
old_server_exempts = true

[roster]
accounts = "/srv/lab/mxswitch/accounts"
aliases = "/srv/lab/mxswitch/aliases"

[contact]
external = ["ops@outside.example", "http://198.51.100.210:8080/ready"]

[policy]
authority_poll_before = "1s"
authority_poll = "1s"
authority_poll_done = "5s"
authority_spread = "1s"
delta = "2s"
floor = "10s"
k = 7
sample_spacing = "1s"
min_operators = 8
min_countries = 3
reprobe = ["1s", "5s", "300s"]
stretcher_after = "10s"
violator_after = "60s"
settle = "10s"
seed = true
unknown_grace = "0s"
','/srv/lab/mxswitch/shop.example.toml','{"accounts":[{"must_change_password":false,"name":"joe"},{"must_change_password":false,"name":"mary"},{"must_change_password":false,"name":"jane"},{"must_change_password":true,"name":"newbie"}],"aliases":[{"name":"info","targets":["mary"]},{"name":"sales","targets":["mary","jane"]},{"name":"merry","targets":["mary"]},{"name":"dan","targets":["dan@yahoo.com"]},{"name":"janitor","targets":["joe"]},{"name":"all","targets":["mary","jane","dan","joe"]}],"catch_all":null,"delimiter":"+","digest":"9d892705ed6695f11dfd18dc2e8ec9ec7a2385029ac63cf5f3b1730a3bf3f2f1","same_as":null}');
CREATE TABLE waiver_of_owner (domain TEXT NOT NULL, owner TEXT NOT NULL, resolver TEXT NOT NULL,
  author TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL, until_ms INTEGER,
  PRIMARY KEY (domain, owner, resolver));
CREATE TABLE watch_heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), clock TEXT NOT NULL);
INSERT INTO "watch_heartbeat" VALUES(1,'{"boot_id":"2089627f-4d1b-4e03-8d4b-3b2bc5b7c9ab","boot_time":3117605,"error":16000,"now_ms":1796072020659,"synchronised":false,"wall_ms":1796072020659}');
CREATE TABLE watch_state (owner TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE write_intent (op_id TEXT PRIMARY KEY, domain TEXT NOT NULL, body TEXT NOT NULL,
  open INTEGER NOT NULL);
INSERT INTO "write_intent" VALUES('d3501b01-7b22-4ad9-b062-13a9c9542bcb','shop.example','{"domain":"shop.example","dry_run":true,"dry_run_passed":true,"made_at_ms":1796072017180,"nodes":["mx1","mx2"],"op_id":"d3501b01-7b22-4ad9-b062-13a9c9542bcb","reason":"the old records are gone","refusals":{},"roster_digest":"9d892705ed6695f11dfd18dc2e8ec9ec7a2385029ac63cf5f3b1730a3bf3f2f1","target":"hosted","unknown":"reject"}',0);
CREATE INDEX observations_mark ON observations (owner, seq) WHERE mark > 0;
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE next_attempt_at NOT NULL;
CREATE INDEX audit_of_domain ON audit (domain, id);
CREATE UNIQUE INDEX one_open_intent ON write_intent (domain) WHERE open = 1;
