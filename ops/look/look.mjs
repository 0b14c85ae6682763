// Looks at every page of a running hub. See `run` for the arguments.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const LARGEST = 60_000;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const args = process.argv.slice(2);
const option = (name) => { const at = args.indexOf(name); return at < 0 ? undefined : args.splice(at, 2)[1]; };
const flag = (name) => { const at = args.indexOf(name); return at >= 0 && Boolean(args.splice(at, 1)); };
const who = option("--as");
const most = Number(option("--most") ?? 60);
const starts = [];
for (let start; (start = option("--start")); ) starts.push(start);
const pictures = !flag("--no-pictures");
const base = new URL(args[0] ?? "http://127.0.0.1:8080");
const out = path.resolve(process.env.LOOK_FROM ?? ".", args[1] ?? "look-pictures");

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const findings = [];
const found = (page, text) => { findings.push(`${page}: ${text}`); console.log(`${page}: ${text}`); };

async function signedIn(context) {
  if (!who) return;
  const [name, ...password] = who.split(":");
  const page = await context.newPage();
  await page.goto(new URL("/login", base).href);
  const form = page.locator("main form").first();
  await form.locator("input:not([type=hidden]):not([type=password]):not([type=checkbox])").first().fill(name);
  await form.locator("input[type=password]").fill(password.join(":"));
  await Promise.all([page.waitForNavigation(), form.locator("button").first().click()]);
  if (new URL(page.url()).pathname === "/login") throw new Error(`${name} could not log in`);
  await page.close();
}

// Two pages of each shape of path are enough: /issues/12 and /issues/13, not all of them.
const shape = (url) => url.pathname.split("/").map((part) => (/\d|@|%|\./.test(part) ? "N" : part)).join("/") + [...url.searchParams.keys()].sort().join("&");

async function gather(context) {
  const page = await context.newPage();
  const queue = [...starts, "/"].map((start) => new URL(start, base));
  const known = new Set(queue.map(String));
  const shapes = new Map();
  const pages = [];
  while (queue.length && pages.length < most) {
    const url = queue.shift();
    const seen = shapes.get(shape(url)) ?? 0;
    if (seen >= 2) continue;
    shapes.set(shape(url), seen + 1);
    const answer = await page.goto(url.href, { waitUntil: "load" }).catch(() => null);
    if (!answer) continue;
    if (!(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    if (answer.status() >= 400) found(url.pathname + url.search, `answers ${answer.status()}`);
    pages.push(url.pathname + url.search);
    const links = await page.$$eval("a[href]", (all) => all.map((a) => [a.href, a.closest("form") !== null]));
    for (const [href] of links) {
      const next = new URL(href);
      next.hash = "";
      if (next.origin !== base.origin || known.has(next.href) || /^\/(static|logout)\b|\.(atom|mbox|txt|xml|json|ics|gz)$/.test(next.pathname)) continue;
      known.add(next.href);
      queue.push(next);
    }
  }
  await page.close();
  return pages;
}

const name = (page) => (page === "/" ? "front" : page.replace(/^\/|\/$/g, "").replace(/[^\w.-]+/g, "_").slice(0, 80));

async function weigh(context, at) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  let weight = 0;
  await session.send("Network.enable");
  session.on("Network.loadingFinished", (event) => { weight += event.encodedDataLength; });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== base.origin && url.protocol.startsWith("http")) found(at, `asks another host: ${url.host}`);
  });
  await page.goto(new URL(at, base).href, { waitUntil: "load" });
  if (weight > LARGEST) found(at, `weighs ${Math.round(weight / 1000)} kB`);
  await page.close();
}

async function look(pages, width, scheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, hasTouch: width < 500, bypassCSP: true });
  await signedIn(context);
  const page = await context.newPage();
  let at = "";
  page.on("pageerror", (error) => found(at, `script error: ${error.message}`));
  page.on("console", (message) => { if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) found(at, `console: ${message.text()}`); });
  for (at of pages) {
    await page.goto(new URL(at, base).href, { waitUntil: "load" });
    const mode = `${at} (${width} px, ${scheme})`;
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) {
      const wide = await page.evaluate(() => [...document.querySelectorAll("main *")]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest(".scroll, pre, .prose table"))
        .slice(0, 2).map((element) => `${element.localName}.${element.className}`).join(", "));
      found(mode, `scrolls sideways by ${over} px: ${wide}`);
    }
    await page.evaluate(axe);
    const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    for (const violation of result.violations) {
      found(mode, `${violation.id} (${violation.nodes.length}): ${violation.nodes[0].html.slice(0, 160).replace(/\s+/g, " ")}`);
    }
    if (pictures) await page.screenshot({ path: path.join(out, `${name(at)}-${width}-${scheme}.png`), fullPage: true });
  }
  await context.close();
}

async function withoutScripts(pages) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1440, height: 900 } });
  if (!who) {
    const page = await context.newPage();
    for (const at of pages) {
      await page.goto(new URL(at, base).href);
      const heads = await page.locator("h1").count();
      if (heads !== 1) found(`${at} (scripts off)`, `has ${heads} first headings`);
      const main = page.locator("main");
      if (!(await main.count()) || !(await main.innerText()).trim()) found(`${at} (scripts off)`, "says nothing");
    }
  }
  await context.close();
}

if (pictures) fs.mkdirSync(out, { recursive: true });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
await signedIn(context);
const pages = await gather(context);
console.log(`${pages.length} pages`);
for (const page of pages) await weigh(context, page);
await context.close();
for (const width of [390, 1440]) for (const scheme of ["light", "dark"]) await look(pages, width, scheme);
await withoutScripts(pages);
await browser.close();
console.log(findings.length ? `${findings.length} things to mend` : "nothing to mend");
process.exit(findings.length ? 1 : 0);
