// Ticks the ages and countdowns that the server wrote, and puts the local time beside UTC. The
// server's clock counts, not the browser's, which may be wrong by minutes.

const units: ReadonlyArray<readonly [string, number]> = [
  ["d", 86400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];

/** The two largest units, as the server writes them: "1 h 12 min", "8 s". */
export function formatDuration(wholeSeconds: number): string {
  const parts: string[] = [];
  let left = wholeSeconds;
  let taken = 0;
  for (const [word, length] of units) {
    const count = Math.floor(left / length);
    if (taken === 2) break;
    if (count === 0 && taken === 0) continue;
    if (count > 0) parts.push(`${count} ${word}`);
    left -= count * length;
    taken += 1;
  }
  return parts.join(" ") || "0 ms";
}

function relative(distance: number): string {
  const whole = Math.trunc(distance);
  if (whole === 0) return "now";
  return whole > 0 ? `in ${formatDuration(whole)}` : `${formatDuration(-whole)} ago`;
}

const writers: Readonly<Record<string, (distance: number) => string>> = {
  relative,
  age: (distance) => formatDuration(Math.max(0, Math.floor(-distance))),
  left: (distance) => (distance > 0 ? formatDuration(Math.ceil(distance)) : "expired"),
};

let serverAhead = 0;

/** Reads the server's clock from the page that has just arrived. */
export function readServerClock(main: Element | null): void {
  const now = Date.parse(main?.getAttribute("data-now") ?? "");
  if (!Number.isNaN(now)) serverAhead = now - Date.now();
}

function tick(page: Document): void {
  const now = Date.now() + serverAhead;
  for (const element of page.querySelectorAll<HTMLTimeElement>("time[data-tick]")) {
    const write = writers[element.dataset["tick"] ?? ""];
    const text = write?.((Date.parse(element.dateTime) - now) / 1000);
    if (text !== undefined && element.textContent !== text) element.textContent = text;
  }
}


const localClock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const localFull = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** The reader's own time: as a tooltip everywhere, in the banner beside the UTC time. */
function showLocalTimes(page: Document): void {
  for (const element of page.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (!Number.isNaN(at.valueOf())) element.title = localFull.format(at);
  }
  if (new Date().getTimezoneOffset() === 0) return;
  for (const element of page.querySelectorAll<HTMLTimeElement>(".banner time.distance")) {
    const local = page.createElement("span");
    local.className = "local";
    local.textContent = ` (${localClock.format(new Date(element.dateTime))} here)`;
    element.after(local);
  }
}

/** Brings a page that has just arrived to now and to the reader's own time. */
export function writeTimes(page: Document): void {
  tick(page);
  showLocalTimes(page);
}

export function startTicking(): void {
  readServerClock(document.querySelector("main"));
  writeTimes(document);
  setInterval(() => tick(document), 1000);
}
