// What a reader has made of the page survives an update of it: each case is a page before, what the
// reader does, the page after, and what must still be so.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SampleServer, withPage } from "./browser.mjs";

let server;
before(async () => { server = await SampleServer.start(); });
after(async () => { await server.stop(); });

const row = (key, text) => `<tr data-key="${key}"><th>${key}</th><td>${text}` +
  `<details><summary>how ${key}</summary><p>because of ${key}</p></details></td></tr>`;
const table = (...rows) => `<table><tbody>${rows.join("\n")}</tbody></table>`;

/**
 * In the browser: shows `from`, lets `act` do its part, takes over `to`, and asks `look`. One text,
 * since the page's own policy forbids eval().
 */
async function update(page, { from, act, to, look }) {
  await page.goto(server.url);
  return await page.evaluate(`(async () => {
    const { morph } = await import("/assets/morph.js");
    const main = document.querySelector("main");
    const $ = (selector) => main.querySelector(selector);
    main.innerHTML = ${JSON.stringify(from)};
    const state = (${act})($);
    const fresh = main.cloneNode(false);
    fresh.innerHTML = ${JSON.stringify(to)};
    morph(main, fresh);
    return { html: main.innerHTML, kept: (${look})($, state) };
  })()`);
}

const cases = {
  "an open <details> stays open when its row moves up, and when rows come before it": {
    from: table(row("a", 1), row("b", 2), row("c", 3)),
    act: ($) => { $("[data-key=c] details").open = true; },
    to: table(row("new", 0), row("c", 3), row("a", 1), row("b", 9)),
    look: ($) => $("[data-key=c] details").open && document.querySelectorAll("[open]").length === 1,
  },
  "a <details> that was closed by its reader stays closed": {
    from: "<details open><summary>s</summary>1</details>",
    act: ($) => { $("details").open = false; },
    to: "<details open><summary>s</summary>2</details>",
    look: ($) => !$("details").open,
  },
  "the focus stays when its row moves up": {
    from: table(row("a", 1), row("b", 2), row("c", 3)),
    act: ($) => { $("[data-key=c] summary").focus(); return $("[data-key=c] summary"); },
    to: table(row("c", 4), row("a", 1), row("b", 2)),
    look: ($, had) => document.activeElement === had && had.isConnected,
  },
  "the focus stays when its row moves down": {
    from: table(row("a", 1), row("b", 2), row("c", 3)),
    act: ($) => { $("[data-key=a] summary").focus(); return $("[data-key=a] summary"); },
    to: table(row("c", 4), row("b", 1), row("a", 2)),
    look: ($, had) => document.activeElement === had && had.isConnected,
  },
  "the focus never leaves, not even for a moment": {
    from: table(row("a", 1), row("b", 2), row("c", 3)),
    act: ($) => {
      const left = [];
      $("[data-key=c] summary").focus();
      $("[data-key=c] summary").addEventListener("blur", () => left.push("blur"));
      return left;
    },
    to: table(row("c", 4), row("a", 1), row("b", 2)),
    look: ($, left) => left.length === 0,
  },
  "the focus stays when a notice before it goes away": {
    from: "<p class='notice'>stale</p><nav><a href='#x'>x</a></nav><p>end</p>",
    act: ($) => { $("a").focus(); return $("a"); },
    to: "<nav><a href='#x'>x</a></nav><p>end</p>",
    look: ($, had) => document.activeElement === had && had.isConnected,
  },
  "typed text stays, and where the caret is": {
    from: "<form><p>1</p><input name=q value=''></form>",
    act: ($) => {
      const input = $("input");
      input.focus();
      input.value = "shop.example";
      input.setSelectionRange(2, 5);
    },
    to: "<form><p>new</p><p>2</p><input name=q value='other'></form>",
    look: ($) => {
      const input = $("input");
      return input.value === "shop.example" && document.activeElement === input &&
        input.selectionStart === 2 && input.selectionEnd === 5;
    },
  },
  "text typed into a <textarea> and a ticked box stay": {
    from: "<textarea>a</textarea><input type=checkbox>",
    act: ($) => { $("textarea").value = "typed"; $("input").checked = true; },
    to: "<p>x</p><textarea>b</textarea><input type=checkbox>",
    look: ($) => $("textarea").value === "typed" && $("input").checked,
  },
  "selected text stays selected when rows come before it": {
    from: table(row("a", 1), row("b", "mark me")),
    act: ($) => { document.getSelection().selectAllChildren($("[data-key=b] td")); },
    to: table(row("z", 0), row("b", "mark me"), row("a", 5)),
    look: () => document.getSelection().toString().startsWith("mark me"),
  },
  "selected text stays selected when its own row moves": {
    from: table(row("a", 1), row("b", 2), row("c", "mark me")),
    act: ($) => { document.getSelection().selectAllChildren($("[data-key=c] td")); },
    to: table(row("c", "mark me"), row("b", 7), row("a", 5)),
    look: () => document.getSelection().toString().startsWith("mark me"),
  },
  "selected text stays selected when lines without a name come before it": {
    from: "<ul><li>first <b>x</b></li><li>second <b>y</b></li></ul>",
    act: ($) => { document.getSelection().selectAllChildren($("li:last-child")); },
    to: "<ul><li>newest <b>w</b></li><li>first <b>x</b></li><li>second <b>y</b></li></ul>",
    look: () => document.getSelection().toString() === "second y",
  },
  "a selection over several rows keeps its ends": {
    from: table(row("a", "begin"), row("b", 2), row("c", "end")),
    act: ($) => {
      document.getSelection().setBaseAndExtent($("[data-key=a] td").firstChild, 0,
        $("[data-key=c] td").firstChild, 3);
    },
    to: table(row("a", "begin"), row("c", "end"), row("b", 3)),
    look: () => {
      const text = document.getSelection().toString();
      return text.startsWith("begin") && text.endsWith("end");
    },
  },
  "a scrolled box stays where it was": {
    from: `<pre class="trace">${"long ".repeat(400)}</pre>`,
    act: ($) => { $("pre").scrollLeft = 300; },
    to: `<p>new</p><pre class="trace">${"long ".repeat(399)}</pre>`,
    look: ($) => $("pre").scrollLeft === 300,
  },
  "a row that stays is the same element": {
    from: table(row("a", 1), row("b", 2)),
    act: ($) => $("[data-key=b]"),
    to: table(row("c", 1), row("b", 3)),
    look: ($, had) => $("[data-key=b]") === had,
  },
};

test("what a reader has made of the page survives", async (t) => {
  await withPage({}, async (page) => {
    for (const [name, one] of Object.entries(cases)) {
      await t.test(name, async () => {
        const seen = await update(page, one);
        assert.ok(seen.kept, seen.html);
      });
    }
  });
});

test("whatever the page was, it becomes what it shall be", async () => {
  await withPage({}, async (page) => {
    await page.goto(server.url);
    const wrong = await page.evaluate(async () => {
      const { morph } = await import("/assets/morph.js");
      let seed = 7;
      const draw = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };
      const tree = (depth) => {
        let html = "";
        for (let i = draw(5); i > 0; --i) {
          const tag = ["p", "div", "span", "section"][draw(4)];
          const key = draw(3) === 0 ? ` data-key="k${draw(6)}"` : "";
          const style = draw(3) === 0 ? ` class="c${draw(3)}"` : "";
          const text = draw(2) === 0 ? `t${draw(9)}` : "";
          html += `${text}<${tag}${key}${style}>${depth > 0 ? tree(depth - 1) : text}</${tag}>`;
        }
        return html;
      };
      const main = document.querySelector("main");
      for (let round = 0; round < 1000; ++round) {
        const fresh = main.cloneNode(false);
        fresh.innerHTML = tree(3);
        const shall = fresh.innerHTML;
        morph(main, fresh);
        if (main.innerHTML !== shall) return [main.innerHTML, shall];
      }
      return [];
    });
    assert.deepEqual(wrong, []);
  });
});
