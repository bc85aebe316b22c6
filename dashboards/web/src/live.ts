// Listens for news and takes over the page that the server renders for it. Without news nothing is
// fetched: ages and countdowns are ticked here.

import { morph } from "./morph.js";
import { isNews } from "./news.js";
import { readServerClock, writeTimes } from "./times.js";

/** At most one fetch in this time, however fast news comes. */
const pace = 500;
/** After a fetch that failed the next one waits longer, up to this. */
const longestPause = 30_000;
/** Without a word from the server for this long the page says that it is stale. */
const silence = 25_000;

const live = document.getElementById("live");
let lastWord = Date.now();
let connected = false;
let wanted = false;
let running = false;
let failures = 0;

function say(): void {
  const state = connected && failures === 0 ? "on" : "off";
  if (live === null || live.dataset["state"] === state) return;
  live.dataset["state"] = state;
  live.textContent = state === "on" ? "live" : "connection lost: this page is stale, reconnecting";
  document.body.classList.toggle("stale-page", state === "off");
}

function heard(): void {
  lastWord = Date.now();
  connected = true;
  say();
}

function lost(): void {
  connected = false;
  say();
}

/** The page as it is now; that of a domain that is gone says so. */
async function fetchPage(): Promise<Document> {
  const response = await fetch(location.href, {
    cache: "no-store",
    credentials: "same-origin",
    headers: { accept: "text/html" },
  });
  if (!response.ok && response.status !== 404) throw new Error(`HTTP ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** Takes over main and footer; what lies outside, the sign of life among it, is the script's. */
function takeOver(fresh: Document): void {
  readServerClock(fresh.querySelector("main"));
  writeTimes(fresh);
  for (const part of ["main", "footer"]) {
    const from = document.querySelector(part);
    const to = fresh.querySelector(part);
    if (from !== null && to !== null) morph(from, to);
  }
  if (document.title !== fresh.title) document.title = fresh.title;
}

const pause = (time: number) => new Promise((resume) => setTimeout(resume, time));

/** News that a failed fetch was for stays wanted: no other news may come for hours. */
async function refresh(): Promise<void> {
  wanted = true;
  if (running) return;
  running = true;
  while (wanted) {
    wanted = false;
    try {
      takeOver(await fetchPage());
      failures = 0;
    } catch {
      failures += 1;
      wanted = true;
    }
    say();
    await pause(Math.min(pace * 2 ** failures, longestPause));
  }
  running = false;
}

function watchSilence(): void {
  if (connected && Date.now() - lastWord > silence) lost();
}

export function follow(): void {
  const domain = document.querySelector("main")?.getAttribute("data-domain");
  const query = domain ? `?brief&domain=${encodeURIComponent(domain)}` : "?brief";
  const events = new EventSource(`/api/v1/events${query}`);
  events.onopen = heard;
  events.onerror = lost;
  for (const kind of ["snapshot", "removed", "alive"]) {
    events.addEventListener(kind, (event: MessageEvent<string>) => {
      heard();
      if (isNews(event)) void refresh();
    });
  }
  setInterval(watchSilence, 5000);
}
