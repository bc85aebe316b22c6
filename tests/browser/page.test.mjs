// The status page as people meet it: what it says, that it is live, that it works without
// JavaScript and at 360 px, and that a screen reader and a keyboard reach everything.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { SampleServer, withPage } from "./browser.mjs";

const wide = { viewport: { width: 1280, height: 900 } };
const narrow = { viewport: { width: 360, height: 780 } };
const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server;
before(async () => { server = await SampleServer.start(); });
after(async () => { await server.stop(); });
beforeEach(async () => { await server.step("propagating"); });

const domainPage = () => `${server.url}/d/shop.example`;
const shot = (page, name, options = {}) =>
  page.screenshot({ path: join(process.env.ARTIFACTS, `${name}.png`), fullPage: true, ...options });

/** Through the debugger's world: the page's own policy lets no foreign script in, and stays so. */
async function violations(page) {
  await page.evaluate(axeSource);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document));
  return found.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).slice(0, 3).join(" | ")}`);
}

const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test("the first line answers: state, reason, earliest time", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    const banner = await page.locator(".banner").innerText();
    assert.match(banner, /PROPAGATING/);
    assert.match(banner, /shop\.example/);
    assert.match(banner, /Waits for caches of the old MX/);
    assert.match(banner, /Earliest READY \d\d:\d\d:\d\dZ/);
    assert.equal(await page.title(), "PROPAGATING shop.example");
    const first = await page.locator("#resolvers tbody tr").first().innerText();
    assert.match(first, /old/, "the worst row stands first");
  });
});

test("a new snapshot arrives by itself and keeps the focus", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    await page.locator("#live[data-state=on]").waitFor();
    const link = page.locator(".counts a").first();
    await link.focus();
    await page.evaluate(() => { document.querySelector("main").dataset.mine = "kept"; });
    await server.step("ready");
    await page.locator("main[data-state=ready]").waitFor({ timeout: 5000 });
    assert.match(await page.locator(".banner [role=status]").innerText(), /ELIGIBLE/);
    assert.equal(await page.title(), "ELIGIBLE shop.example");
    const focused = await page.evaluate(() => document.activeElement?.closest(".counts") !== null);
    assert.ok(focused, "the focus stays where it was");
    assert.equal(await page.locator("#resolvers .k-old").count(), 0);
  });
});

test("only a change of state is announced", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    await page.locator("#live[data-state=on]").waitFor();
    await page.evaluate(() => {
      globalThis.changes = 0;
      const watch = new MutationObserver((records) => { globalThis.changes += records.length; });
      watch.observe(document.querySelector(".banner [role=status]"),
        { subtree: true, childList: true, characterData: true });
    });
    const updated = page.locator("main");
    const before = await updated.getAttribute("data-now");
    await new Promise((resume) => setTimeout(resume, 1100));
    await server.step("propagating");
    await page.waitForFunction((t) => document.querySelector("main").dataset.now !== t, before);
    assert.equal(await page.evaluate(() => globalThis.changes), 0);
    await server.step("hosted");
    await page.locator("main[data-state=hosted]").waitFor();
    assert.ok(await page.evaluate(() => globalThis.changes) > 0);
  });
});

test("countdowns tick", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    const left = page.locator("#resolvers time[data-tick=left]").first();
    const first = await left.innerText();
    await page.waitForFunction(
      (text) => document.querySelector("#resolvers time[data-tick=left]").textContent !== text, first);
  });
});

test("a count filters the resolvers, and again shows all", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    await page.locator(".counts .k-old a").click();
    await page.waitForURL(/show=old/);
    assert.equal(await page.locator("#resolvers tbody tr").count(), 2);
    assert.equal(await page.locator(".counts .k-old a").getAttribute("aria-current"), "true");
    await page.locator(".counts .k-old a").click();
    await page.waitForURL((url) => !url.search.includes("show"));
    assert.equal(await page.locator("#resolvers tbody tr").count(), 12);
  });
});

test("without JavaScript everything can be read", async () => {
  await withPage({ ...wide, javaScriptEnabled: false }, async (page) => {
    await page.goto(domainPage());
    for (const id of ["gates", "obligations", "shares", "resolvers", "authorities", "relay", "log"]) {
      assert.ok(await page.locator(`#${id}`).isVisible(), id);
    }
    assert.ok(await page.locator(".chart polygon").count() >= 2);
    await page.locator(".counts .k-old a").click();
    assert.equal(await page.locator("#resolvers tbody tr").count(), 2);
  });
});

for (const [name, settings] of [["wide", wide], ["narrow", narrow]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`no violation of axe, nothing scrolls sideways: ${name}, ${colorScheme}`, async () => {
      await withPage({ ...settings, colorScheme }, async (page) => {
        for (const path of ["/", "/d/shop.example", "/d/new.example", "/d/unknown.example",
          "/ack/0123456789abcdef0123456789abcdef"]) {
          await page.goto(server.url + path);
          assert.deepEqual(await violations(page), [], path);
          assert.ok(await overflow(page) <= 0, `${path} scrolls sideways`);
        }
        await page.goto(domainPage());
        await page.locator("#live[data-state=on]").waitFor();
        await shot(page, `page-${name}-${colorScheme}`);
      });
    });
  }
}

test("each state has its look", async () => {
  await withPage(wide, async (page) => {
    for (const state of ["ready", "hosted", "blocked"]) {
      await server.step(state);
      await page.goto(domainPage());
      assert.deepEqual(await violations(page), [], state);
      await shot(page, `state-${state}`);
    }
    await page.goto(`${server.url}/`);
    await shot(page, "index");
    await page.goto(`${server.url}/d/new.example`);
    await shot(page, "state-empty");
  });
});

test("the keyboard reaches the content first and every count", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    for (let i = 0; i < 3; ++i) await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement.closest(".counts") !== null));
  });
});

test("the button acknowledges, the link alone does not", async () => {
  await withPage(wide, async (page) => {
    await page.goto(`${server.url}/ack/0123456789abcdef0123456789abcdef`);
    assert.doesNotMatch(await page.locator("main").innerText(), /is acknowledged/);
    await page.getByRole("button").click();
    assert.match(await page.locator("main").innerText(), /is acknowledged/);
  });
});

test("the picture for the README", async () => {
  await withPage({ viewport: { width: 1200, height: 900 } }, async (page) => {
    await page.goto(domainPage());
    await page.locator("#live[data-state=on]").waitFor();
    await shot(page, "status-page", { fullPage: false });
  });
});

test("a server that is gone leaves a page that says so", async () => {
  const other = await SampleServer.start();
  await withPage(wide, async (page) => {
    await page.goto(`${other.url}/d/shop.example`);
    await page.locator("#live[data-state=on]").waitFor();
    await other.step("hang");
    await page.locator("#live[data-state=off]").waitFor({ timeout: 10_000 });
    assert.match(await page.locator("#live").innerText(), /stale/);
    await shot(page, "stale", { fullPage: false });
  });
  await other.stop();
});
