// Takes the pictures of the manual from a running demo. See `pictures` for the arguments.
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const [base, out, name, password] = process.argv.slice(2);
// The page of each picture, and the words of the link that leads on from there.
const PICTURES = {
  front: ["/"],
  issues: ["/issues/?state=all&components=store"],
  issue: ["/issues/?state=all&q=collide", "Maildir file names collide"],
  list: ["/lists/dev/"],
  thread: ["/lists/dev/", "Data loss in Maildir delivery"],
  commit: ["/search?q=%22Add+random+bits%22&module=commits", "store: Add random bits"],
  chat: ["/chat/libera/papermoth-dev/?q=%22rejected+ARC%22", "papermoth-dev"],
  search: ["/search?q=maildir"],
  administration: ["/admin"],
};

fs.mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
for (const colorScheme of ["light", "dark"]) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 680 }, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(`${base}/login`);
  await page.fill("main input[name=name]", name);
  await page.fill("main input[name=password]", password);
  await Promise.all([page.waitForNavigation(), page.click("main form button")]);
  for (const [picture, [start, words]] of Object.entries(PICTURES)) {
    await page.goto(base + start, { waitUntil: "load" });
    if (words) {
      const link = page.locator("main .content a", { hasText: words }).first();
      await page.goto(new URL(await link.getAttribute("href"), base).href, { waitUntil: "load" });
      await page.evaluate(() => scrollTo(0, 0));
    }
    await page.screenshot({ path: path.join(out, colorScheme === "dark" ? `${picture}-dark.png` : `${picture}.png`) });
  }
  await context.close();
}
await browser.close();
