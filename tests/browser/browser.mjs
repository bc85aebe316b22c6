// A Chromium that speaks to nobody but the page, and the server with the samples.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class SampleServer {
  static async start() {
    const child = spawn(process.env.SAMPLE_SERVER, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const server = new SampleServer();
    Object.assign(server, { child, lines });
    const { value } = await lines.next();
    server.url = `http://127.0.0.1:${value}`;
    return server;
  }

  /** Publishes a state of shop.example, or "hang"; returns when it is done. */
  async step(name) {
    this.child.stdin.write(`${name}\n`);
    await this.lines.next();
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.stdin.end();
    await ended;
  }
}

/** Runs `work(page)` in a browser of its own with a new profile; any script error fails it. */
export async function withPage(settings, work) {
  const profile = await mkdtemp(join(tmpdir(), "mxswitch-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    headless: true,
    args: quiet,
    timezoneId: "UTC",
    ...settings,
  });
  try {
    const page = await context.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) faults.push(message.text());
    });
    await work(page);
    if (faults.length > 0) throw new Error(faults.join("\n"));
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}
