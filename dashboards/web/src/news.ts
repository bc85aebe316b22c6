// Whether an event says anything that the page does not show yet. A stream begins with the newest
// event of each domain, and that is most often what the page was rendered from.

/** The run of the server that the last event came from: its sequences begin anew with each. */
let run = "";

/** The sequence that the page shows of a domain; null where it shows none. */
function shown(domain: string): string | null {
  for (const element of document.querySelectorAll("[data-sequence]")) {
    const name = element.getAttribute("data-domain") ?? element.getAttribute("data-key");
    if (name === domain) return element.getAttribute("data-sequence");
  }
  return null;
}

function isOfOtherRun(event: MessageEvent<string>): boolean {
  const before = run;
  run = event.lastEventId.split("-")[0] ?? "";
  return before !== "" && before !== run;
}

export function isNews(event: MessageEvent<string>): boolean {
  if (event.type === "alive") return false;
  if (isOfOtherRun(event) || event.type === "removed") return true;
  const said = JSON.parse(event.data) as { domain: string; sequence: number };
  return shown(said.domain) !== String(said.sequence);
}
