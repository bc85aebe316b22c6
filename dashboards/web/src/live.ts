// Listens for news and takes over the page that the server renders for it.

import { morph } from "./morph.js";
import { readServerClock, showLocalTimes } from "./times.js";

/** At most one fetch in this time, however fast news comes. */
const pace = 500;
/** Without a word from the server for this long the page says that it is stale. */
const silence = 25_000;

const live = document.getElementById("live");
let lastWord = Date.now();
let connected = false;
let wanted = false;
let running = false;

function say(state: "on" | "off", text: string): void {
  if (live === null || live.dataset["state"] === state) return;
  live.dataset["state"] = state;
  live.textContent = text;
  document.body.classList.toggle("stale-page", state === "off");
}

function heard(): void {
  lastWord = Date.now();
  connected = true;
  say("on", "live");
}

function lost(): void {
  connected = false;
  say("off", "connection lost: this page is stale, reconnecting");
}

async function fetchPage(): Promise<Document | null> {
  const response = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
  if (!response.ok) return null;
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** Takes over main and footer; what lies outside, the sign of life among it, is the script's. */
function takeOver(fresh: Document): void {
  for (const part of ["main", "footer"]) {
    const from = document.querySelector(part);
    const to = fresh.querySelector(part);
    if (from !== null && to !== null) morph(from, to);
  }
  if (document.title !== fresh.title) document.title = fresh.title;
  readServerClock(document.querySelector("main"));
  showLocalTimes();
}

async function refresh(): Promise<void> {
  wanted = true;
  if (running) return;
  running = true;
  while (wanted) {
    wanted = false;
    try {
      const fresh = await fetchPage();
      if (fresh !== null) takeOver(fresh);
    } catch {
      lost();
    }
    await new Promise((resume) => setTimeout(resume, pace));
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
    events.addEventListener(kind, () => {
      heard();
      if (kind !== "alive") void refresh();
    });
  }
  setInterval(watchSilence, 5000);
}
