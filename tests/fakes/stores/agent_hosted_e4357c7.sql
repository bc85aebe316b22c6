-- A store written by commit e4357c7 in the lab's story at node mx1, on hosted; probes are thinned. As `.dump` prints it, without the
-- transaction and the table of migrations, which open_database makes itself.
INSERT INTO "migrations" VALUES('relay_agent',1);
INSERT INTO "migrations" VALUES('relay_agent',2);
CREATE TABLE relay_accounts (
  domain TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, must_change INTEGER NOT NULL,
  initial_expires_at INTEGER, PRIMARY KEY (domain, name)) WITHOUT ROWID;
INSERT INTO "relay_accounts" VALUES('shop.example','jane','{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$1PAP9y+Xp2s3TcSV8Vb13w$Q1zpNFkutUfHdbfxbG5EJE4fmtom80kWSEgf0SgLlNE',0,NULL);
INSERT INTO "relay_accounts" VALUES('shop.example','joe','{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$6eXnFF0eHF5/IQjGTXhBug$9KbNjVNtev7HjruFUMcfWfwEVVvD42NeLPYci08io+U',0,NULL);
INSERT INTO "relay_accounts" VALUES('shop.example','mary','{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$SD5p6Vfn5ps4xLG6bY/mgw$F57jNN6mwkr+aVPJpUgg2qHLJLEjBgaP1v3hKlgFz+I',0,NULL);
INSERT INTO "relay_accounts" VALUES('shop.example','newbie','{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$AmzJ/FT3SCozGcOL6EitMA$TC24mmYC2LnevuJNl+vSLyikNSeOYDMnvrWJDqWKkmU',1,1798663908388);
CREATE TABLE relay_aliases (
  domain TEXT NOT NULL, name TEXT NOT NULL, targets TEXT NOT NULL,
  PRIMARY KEY (domain, name)) WITHOUT ROWID;
INSERT INTO "relay_aliases" VALUES('shop.example','all','["mary","jane","dan","joe"]');
INSERT INTO "relay_aliases" VALUES('shop.example','dan','["dan@yahoo.com"]');
INSERT INTO "relay_aliases" VALUES('shop.example','info','["mary"]');
INSERT INTO "relay_aliases" VALUES('shop.example','janitor','["joe"]');
INSERT INTO "relay_aliases" VALUES('shop.example','merry','["mary"]');
INSERT INTO "relay_aliases" VALUES('shop.example','sales','["mary","jane"]');
CREATE TABLE relay_answers (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, body_hash TEXT NOT NULL, status INTEGER NOT NULL,
  etag TEXT NOT NULL, body TEXT NOT NULL, kept_at INTEGER NOT NULL);
INSERT INTO "relay_answers" VALUES('3b8ccaa556d8a27c878a5d62431f59db','PUT /v1/domains/shop.example','d0c3a167667e09c313b4c3d5371dd73b11c7c8f1e3654f7db9f0cb8f82454232',201,'"g1-v1-b8b7b28c0290"','{"domain":"shop.example","forward":"smtp:[198.51.100.25]:25","generation":1,"hosted":"lmtp:inet:203.0.113.20:24","in_force":{"generation":1,"node":"mx1","route_seen_at":null},"mode":"forward","op_id":"05ef0c8a-b6a2-499c-a9be-42cfe207ef29","roster_digest":"b8b7b28c02909a19ab56eac612a704fea246632e6e64c68929e71c3cec4c271e","unknown":"reject","updated_at":"2026-11-30T20:51:48.274Z"}',1796071908275);
INSERT INTO "relay_answers" VALUES('6632226ad059f524413cadacc527d08b','PUT /v1/domains/shop.example/roster','5b0c8bf1ed1bbb42eaea169ed01edbc612485f6fe7821265874f2e5563571f34',200,'"r2-9d892705ed66"','{"accounts":[{"must_change_password":false,"name":"jane"},{"must_change_password":false,"name":"joe"},{"must_change_password":false,"name":"mary"},{"must_change_password":true,"name":"newbie"}],"aliases":[{"name":"all","targets":["mary","jane","dan","joe"]},{"name":"dan","targets":["dan@yahoo.com"]},{"name":"info","targets":["mary"]},{"name":"janitor","targets":["joe"]},{"name":"merry","targets":["mary"]},{"name":"sales","targets":["mary","jane"]}],"catch_all":null,"delimiter":"+","digest":"9d892705ed6695f11dfd18dc2e8ec9ec7a2385029ac63cf5f3b1730a3bf3f2f1","same_as":null}',1796071909905);
CREATE TABLE relay_domains (
  domain TEXT PRIMARY KEY, mode TEXT NOT NULL, unknown TEXT NOT NULL, forward TEXT,
  hosted TEXT NOT NULL, generation INTEGER NOT NULL, version INTEGER NOT NULL, op_id TEXT,
  updated_at INTEGER NOT NULL, route_at INTEGER NOT NULL, soak_until INTEGER,
  open INTEGER NOT NULL, route_seen_at INTEGER,
  roster_version INTEGER NOT NULL, catch_all TEXT, delimiter TEXT, same_as TEXT);
INSERT INTO "relay_domains" VALUES('shop.example','hosted','reject','smtp:[198.51.100.25]:25','lmtp:inet:203.0.113.20:24',3,3,'d3501b01-7b22-4ad9-b062-13a9c9542bcb',1796072018130,1796072018130,1796504018130,0,1796072018356,2,NULL,'+',NULL);
CREATE TABLE relay_flow (
  domain TEXT NOT NULL, at INTEGER NOT NULL, accepted INTEGER NOT NULL,
  forwarded INTEGER NOT NULL, hosted INTEGER NOT NULL, deferred INTEGER NOT NULL,
  rejected INTEGER NOT NULL, PRIMARY KEY (domain, at)) WITHOUT ROWID;
INSERT INTO "relay_flow" VALUES('shop.example',1796071936000,1,0,0,0,0);
INSERT INTO "relay_flow" VALUES('shop.example',1796071937000,0,1,0,0,0);
CREATE TABLE relay_log (
  path TEXT PRIMARY KEY, inode INTEGER NOT NULL, position INTEGER NOT NULL);
INSERT INTO "relay_log" VALUES('/srv/lab/mail/mx1-postfix/mail.log',15149267,99073);
CREATE TABLE relay_probes (
  id TEXT PRIMARY KEY, domain TEXT NOT NULL, kind TEXT NOT NULL, address TEXT NOT NULL,
  node TEXT NOT NULL, expires_at INTEGER NOT NULL, result TEXT NOT NULL, accepted_at INTEGER,
  delivered_at INTEGER, reply TEXT);
INSERT INTO "relay_probes" VALUES('02693488-f268-4629-b83f-bafb6efbbd38','shop.example','forward','postmaster@shop.example','mx1',1796072533638,'accepted',1796071933662,NULL,'250 2.1.5 Ok');
INSERT INTO "relay_probes" VALUES('033b8a9d-f496-416d-bda9-20d78c0d1613','shop.example','forward','postmaster@shop.example','mx1',1796072553487,'accepted',1796071953524,NULL,'250 2.1.5 Ok');
INSERT INTO "relay_probes" VALUES('002cc180-63d4-40c9-b9e9-8eb9875339db','shop.example','forward','e5677f816468d06689df69c0@shop.example','mx1',1796072592229,'refused',NULL,NULL,'550 5.1.1 <e5677f816468d06689df69c0@shop.example>: Recipient address rejected: User unknown in virtual mailbox table');
CREATE TABLE relay_recipients (
  domain TEXT NOT NULL, address TEXT NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL,
  old_accepted INTEGER NOT NULL, old_rejected INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (domain, address, day)) WITHOUT ROWID;
INSERT INTO "relay_recipients" VALUES('shop.example','mary@shop.example',20787,1,1,0,1796071937103);
