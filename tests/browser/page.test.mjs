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

/** The states of tests/fakes/sample_states.h. */
const states = ["draft", "forwarding", "propagating", "ready", "armed", "switching", "verifying",
  "hosted", "final", "rolling_back", "held", "aborted", "blocked", "frozen", "fault"];

const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test("the first line answers: state, reason, earliest time", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    const banner = await page.locator(".banner").innerText();
    assert.match(banner, /PROPAGATING/);
    assert.match(banner, /shop\.example/);
    assert.match(banner, /Waits for time, until .*: propagation: caches of the old MX/);
    assert.match(banner, /Earliest READY (\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\dZ/);
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
    assert.match(await page.locator(".banner [role=status]").innerText(), /READY/);
    assert.equal(await page.title(), "READY shop.example");
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

/** What is wider than the window, for the message of a failed test. */
const widest = (page) => page.evaluate(() => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5).join("\n"));

for (const [name, settings] of [["wide", wide], ["narrow", narrow]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`no violation of axe, nothing scrolls sideways: ${name}, ${colorScheme}`, async () => {
      await withPage({ ...settings, colorScheme }, async (page) => {
        // axe takes a second a page: every state in light on a wide and in dark on a narrow window.
        const all = (name === "wide") === (colorScheme === "light");
        const look = async (path, what) => {
          await page.goto(server.url + path);
          if (all || ["propagating", "fault", "/none"].includes(what))
            assert.deepEqual(await violations(page), [], what);
          assert.ok(await overflow(page) <= 0, `${what} scrolls sideways: ${await widest(page)}`);
        };
        for (const path of ["/", "/d/new.example", "/d/unknown.example", "/none",
          "/ack/0123456789abcdef0123456789abcdef"]) await look(path, path);
        // "long": no word of it can be broken at a blank.
        for (const state of [...states, "long"]) {
          await server.step(state);
          await look("/d/shop.example", state);
          await page.locator("#live[data-state=on]").waitFor();
          await shot(page, `${state}-${name}-${colorScheme}`);
          if (!["propagating", "long"].includes(state)) continue;
          await look("/", `index, ${state}`);
          await shot(page, `index-${state}-${name}-${colorScheme}`);
          await look("/d/shop.example/explain", `explain, ${state}`);
          await shot(page, `explain-${state}-${name}-${colorScheme}`);
        }
      });
    });
  }
}

test("what is opened, focused, typed and selected survives ten updates", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    await page.locator("#live[data-state=on]").waitFor();
    const details = page.locator("#spf details").first();
    await details.locator("summary").click();
    await page.evaluate(() => {
      document.querySelector("#spf details").dataset.mine = "";
      // Stands for whatever is typed into: no field is on this page yet.
      const field = document.createElement("input");
      field.id = "mine";
      field.setAttribute("aria-label", "mine");
      document.querySelector(".top").append(field);
    });
    await page.locator("#mine").pressSequentially("shop");
    await page.evaluate(() => document.querySelector("#mine").setSelectionRange(1, 3));
    const row = "#resolvers tr[data-key='192.0.2.20'] .name";
    const read = () => page.evaluate(() => ({
      open: document.querySelectorAll("#spf details[open]").length,
      same: document.activeElement.id,
      typed: document.querySelector("#mine").value,
      caret: [document.querySelector("#mine").selectionStart,
        document.querySelector("#mine").selectionEnd],
    }));
    const before = await read();
    assert.deepEqual(before, { open: 1, same: "mine", typed: "shop", caret: [1, 3] });
    for (let i = 0; i < 10; ++i) await arrived(page, i % 2 === 0 ? "blocked" : "propagating");
    assert.deepEqual(await read(), before);
    await page.locator("#spf details summary").first().focus();
    await page.evaluate((where) => document.getSelection().selectAllChildren(
      document.querySelector(where)), row);
    for (let i = 0; i < 10; ++i) await arrived(page, i % 2 === 0 ? "blocked" : "propagating");
    assert.equal(await page.evaluate(() => document.activeElement.closest("details")?.open), true);
    assert.equal(await page.evaluate(() => String(document.getSelection())), "Rhein");
  });
});

/** Publishes a state and waits until the page has taken it over. */
async function arrived(page, state) {
  const before = await page.locator("main").getAttribute("data-sequence");
  await server.step(state);
  await page.waitForFunction((old) => document.querySelector("main").dataset.sequence !== old, before);
}

/** Until the server has had no news for 10 s, and says that it is alive. */
const tenSeconds = (page) => page.evaluate(() => new Promise((resolve) => {
  const events = new EventSource("/api/v1/events?brief");
  events.addEventListener("alive", () => { events.close(); resolve(); });
}));

for (const path of ["/", "/d/shop.example", "/d/shop.example/explain"]) {
  test(`without news nothing is fetched, and ages go on: ${path}`, async () => {
    await withPage(wide, async (page) => {
      const fetched = [];
      page.on("request", (request) => {
        const { pathname } = new URL(request.url());
        if (pathname === path) fetched.push(pathname);
      });
      await page.goto(server.url + path);
      await page.locator("#live[data-state=on]").waitFor();
      const age = page.locator("time[data-tick]").first();
      const first = await age.innerText();
      // The stream's first event, the newest of each domain, is what the page shows already.
      await tenSeconds(page);
      assert.notEqual(await age.innerText(), first);
      assert.deepEqual(fetched, [path], "the page itself, and nothing since");
      await server.step("ready");
      await page.waitForFunction(() => document.body.textContent.includes("READY"));
      await tenSeconds(page);
      assert.deepEqual(fetched, [path, path], "once for the news");
    });
  });
}

test("a fetch that failed is made again", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    await page.locator("#live[data-state=on]").waitFor();
    let refusals = 2;
    await page.route(domainPage(), (route) =>
      refusals-- > 0 ? route.fulfill({ status: 503, body: "" }) : route.continue());
    await server.step("hosted");
    await page.locator("#live[data-state=off]").waitFor();
    await page.locator("main[data-state=hosted]").waitFor({ timeout: 10_000 });
    await page.locator("#live[data-state=on]").waitFor();
  });
});

test("a domain that is gone says so", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    await page.locator("#live[data-state=on]").waitFor();
    await server.step("remove");
    await page.getByRole("heading", { name: "Unknown domain" }).waitFor({ timeout: 5000 });
  });
});

test("the explanation is a page", async () => {
  await withPage(wide, async (page) => {
    await page.goto(domainPage());
    await page.getByRole("link", { name: "Explanation" }).click();
    await page.waitForURL(/\/explain$/);
    assert.match(await page.locator("main").innerText(), /the authorities agree: holds/);
    const branch = page.locator("details").nth(1);
    await branch.locator("summary").click();
    await arrived(page, "propagating");
    assert.equal(await branch.evaluate((e) => e.open), false, "what was closed stays closed");
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
