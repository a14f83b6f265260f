import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import { callApi } from "./controlPlaneApi.ts";
import { findBarriers } from "./dashboardAxe.ts";
import { MARKUP, signIn, startDashboardBench } from "./dashboardBench.ts";
import type { DashboardBench } from "./dashboardBench.ts";
import { screenshotFolder, startBrowser } from "./dashboardBrowser.ts";
import type { OpenPage, PageOptions, TestBrowser } from "./dashboardBrowser.ts";
import { openWorkspace } from "./workspace.ts";

// The dashboard of the built program in a real browser, over a real registry and real papers.

let bench: DashboardBench;
let browser: TestBrowser;
const shots = screenshotFolder();

beforeAll(async () => {
  [bench, browser] = await Promise.all([startDashboardBench(), startBrowser()]);
}, 120_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await bench?.[Symbol.asyncDispose]();
});

/** Name, path, and words that show that the page has what it is for. */
const PAGES = [
  ["overview", () => "/", "Needs attention"],
  ["apps", () => "/apps", "billing"],
  ["app", () => "/apps/shop", "build-1"],
  ["build", () => "/apps/shop/builds/build-1", "Provenance (SLSA v1)"],
  ["hostile-build", () => "/apps/shop/builds/hostile", "Provenance (SLSA v1)"],
  ["failed-build", () => "/apps/billing/builds/rel-7", "Issue again"],
  ["unissued-build", () => "/apps/shop/builds/build-2", "No papers have been asked for"],
  ["image", () => `/images/${bench.digest}`, "pkg-0"],
  ["keys", () => "/keys", "BEGIN PUBLIC KEY"],
  ["jobs", () => "/jobs", "NOT_FOUND"],
  ["audit", () => "/audit", "build.register"],
] as const;

const openAt = async (path: string, options: PageOptions = {}): Promise<OpenPage> => {
  const opened = await browser.openPage(options);
  await opened.page.goto(`${bench.plane.url}${path}`);
  await signIn(opened.page, bench.plane.token);
  return opened;
};

const showing = (page: Page, text: string): Promise<void> => page.getByText(text).first().waitFor();

const LOOKS = [
  ["light", 1280],
  ["dark", 1280],
  ["dark", 360],
  ["light", 360],
] as const;

describe("the page", () => {
  it.each(PAGES)("%s opens by its address, in both schemes and widths, without trouble", async (name, path, words) => {
    await using opened = await openAt(path());
    const { page, troubles } = opened;
    await showing(page, words);
    await page.locator('[data-live="live"]').waitFor();
    expect(await page.title()).toMatch(/^.+ · Waybill$/);
    for (const [scheme, width] of LOOKS) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      expect(await page.evaluate("document.documentElement.scrollWidth"), `${scheme} ${width}`).toBe(width);
      expect(await findBarriers(page), `${scheme} ${width}`).toEqual([]);
      await page.screenshot({ path: join(shots, `${name}-${scheme}-${width}.png`), fullPage: width !== 360 });
    }
    expect(troubles).toEqual([]);
  });

  it.each(["/", "/apps/shop?state=done", "/jobs?state=dead", "/audit?order=oldest&actor=worker"])(
    "%s is there again after the token was asked for, and after a reload",
    async (path) => {
      await using opened = await openAt(path);
      const { page } = opened;
      for (const again of [false, true]) {
        if (again) await page.reload();
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.locator('[data-live="live"]').waitFor();
        expect(page.url()).toBe(`${bench.plane.url}${path}`);
        expect(await page.getByLabel("Access token").count()).toBe(0);
      }
    },
  );
});

describe("strings of others", () => {
  it("stay text on the page of a build", async () => {
    await using opened = await openAt("/apps/shop/builds/hostile");
    const { page, troubles } = opened;
    await showing(page, "Provenance (SLSA v1)");
    const text = await page.locator("main").innerText();
    expect(text.split(MARKUP).length - 1).toBeGreaterThanOrEqual(3);
    expect(text).toContain("javascript:alert(3)");
    await expectNoMarkup(page);
    expect(troubles).toEqual([]);
  });

  it("stay text on the page of an image", async () => {
    await using opened = await openAt(`/images/${bench.digest}`);
    const { page, troubles } = opened;
    await page.getByLabel("Find a package").fill("hostile-licence");
    await page.getByText("1 package", { exact: true }).waitFor();
    expect(await page.locator("tbody tr", { hasText: "hostile-licence" }).innerText()).toContain("<script>");
    await page.locator("summary").first().click();
    await expectNoMarkup(page);
    expect(troubles).toEqual([]);
  });

  it("stay text in what a layer was made by", async () => {
    await using opened = await openAt(`/images/${bench.digest}`);
    const { page, troubles } = opened;
    const layers = page.getByRole("region", { name: "Layers" });
    await layers.getByText(`RUN ${MARKUP}`).waitFor();
    expect(await layers.innerText()).toContain("1 layer,");
    expect(await page.getByRole("region", { name: "Integrity" }).innerText()).toContain("linux/amd64");
    expect(JSON.parse(await savedBy(page, "Save layers as JSON"))).toMatchObject([{ "Made by": `RUN ${MARKUP}` }]);
    await expectNoMarkup(page);
    expect(troubles).toEqual([]);
  });

  it("stay text where an address has them", async () => {
    await using opened = await openAt(`/apps/${encodeURIComponent(MARKUP)}`);
    const { page } = opened;
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(MARKUP);
    await expectNoMarkup(page);
  });
});

const expectNoMarkup = async (page: Page): Promise<void> => {
  expect(await page.locator("main img, main script, body script, main iframe, [style]").count()).toBe(0);
  const links = (await page.evaluate("[...document.querySelectorAll('a')].map(({ href }) => href)")) as string[];
  for (const link of links) expect(link).toMatch(/^https?:/);
};

describe("packages", () => {
  it("can be searched, filtered and saved", async () => {
    await using opened = await openAt(`/images/${bench.digest}?q=pkg-11`);
    const { page } = opened;
    await page.getByText("11 packages", { exact: true }).waitFor();
    await page.getByRole("combobox", { name: "Licence" }).selectOption("MIT");
    await page.getByText("5 packages", { exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe("?q=pkg-11&licence=MIT");
    const names = await page.locator('[data-title="Package"]').allInnerTexts();
    expect(names).toEqual(["pkg-110", "pkg-112", "pkg-114", "pkg-116", "pkg-118"]);
    const csv = await savedBy(page, "Save packages as CSV");
    expect(csv.split("\r\n").slice(0, 2)).toEqual([
      "Package,Version,Type,Licences,Package URL",
      expect.stringMatching(/^pkg-110,1\.2\.5-r0,apk,MIT,pkg:apk\/alpine\/pkg-110@1\.2\.5-r0/),
    ]);
    const json = JSON.parse(await savedBy(page, "Save packages as JSON")) as readonly unknown[];
    expect(json).toHaveLength(5);
  });

  it("are counted by licence, and shown by one that is pressed", async () => {
    await using opened = await openAt(`/images/${bench.digest}`);
    const { page } = opened;
    const licences = page.getByRole("region", { name: "Licences" });
    const gpl = licences.getByRole("button", { name: /^GPL-2\.0-only 60/ });
    await gpl.click();
    await page.getByText("60 packages, the first 50 shown", { exact: true }).waitFor();
    expect(await gpl.getAttribute("aria-pressed")).toBe("true");
    expect(new URL(page.url()).search).toBe("?licence=GPL-2.0-only");
    await gpl.click();
    await page.getByText("121 packages, the first 50 shown", { exact: true }).waitFor();
  });

  it("say what to do where none fits", async () => {
    await using opened = await openAt(`/images/${bench.digest}?q=there-is-no-such-package`);
    await showing(opened.page, "Search for less");
    expect(await opened.page.locator("main table td").count()).toBeGreaterThan(0);
  });
});

const savedBy = async (page: Page, button: string): Promise<string> => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return readFile(await download.path(), "utf8");
};

describe("a build's papers", () => {
  it("are confirmed in words, and can be fetched as they were attested", async () => {
    await using opened = await openAt("/apps/shop/builds/build-1");
    const { page } = opened;
    await page.getByText("Signature confirmed", { exact: true }).waitFor();
    // Another build has the same image: its signature and provenance are none of this one's.
    expect(await page.locator('[data-title="Paper"] strong').allInnerTexts()).toEqual([
      "Signature",
      "Provenance (SLSA v1)",
      "SBOM (CycloneDX)",
    ]);
    const saved = await savedBy(page, "Save the predicate of SBOM (CycloneDX)");
    const attested = await callApi(bench.plane, "/v1/apps/shop/builds/build-1/sbom");
    expect(saved).toBe(attested.text);
  });

  it("can be checked again by commands that are copied whole", async () => {
    await using opened = await openAt("/apps/shop/builds/build-1");
    const { page } = opened;
    await page.getByRole("button", { name: "Copy command: Check the signature with cosign" }).click();
    await showing(page, "Copied command: Check the signature with cosign");
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
      `cosign verify --key cosign.pub --insecure-ignore-tlog=true ${bench.image}`,
    );
  });
});

describe("a build's provenance", () => {
  it("is summed up as it was attested, with the key that did", async () => {
    await using opened = await openAt("/apps/shop/builds/build-1");
    const card = opened.page.getByRole("region", { name: "Provenance" });
    await card.getByText("gitCommit:4b825dc642cb6eb9a060e54bf8d69288fbee4904").waitFor();
    const text = await card.innerText();
    expect(text).toMatch(/As attested by key\s+sha256:[0-9a-f]{12}…\s+in use/);
    expect(text).toMatch(/source\s+https:\/\/git\.example\/shop/);
    expect(text).toMatch(/parameters\.target\s+prod/);
  });
});

describe("the audit log", () => {
  it("begins with what was last, and shows what one did when it is pressed", async () => {
    await using opened = await openAt("/audit");
    const { page } = opened;
    await page.getByRole("button", { name: "issue.done: show these entries only" }).first().waitFor();
    const numbers = async (): Promise<readonly number[]> =>
      (await page.locator('[data-title="No."]').allInnerTexts()).map(Number);
    const newest = await numbers();
    expect(newest).toEqual(newest.toSorted((a, b) => b - a));
    await page.getByRole("button", { name: "issue.done: show these entries only" }).first().click();
    await page
      .getByRole("button", { name: "build.register: show these entries only" })
      .first()
      .waitFor({ state: "detached" });
    expect(new Set(await page.locator('[data-title="Did"]').allInnerTexts())).toEqual(new Set(["issue.done"]));
    expect(new URL(page.url()).search).toBe("?action=issue.done");
    expect((await numbers()).length).toBeLessThan(newest.length);
    await page.getByLabel("Order").selectOption("oldest");
    await page.getByLabel("Did").fill("");
    await page.locator('[data-title="No."]').first().getByText("1", { exact: true }).waitFor();
    expect(await savedBy(page, "Save audit log as CSV")).toContain("build.register");
  });
});

describe("the keyboard", () => {
  it("reaches everything in a sensible order, and stands on the title of each new page", async () => {
    await using opened = await openAt("/");
    const { page } = opened;
    await showing(page, "Needs attention");
    await page.evaluate("document.activeElement?.blur()");
    const focused = (): Promise<unknown> => page.evaluate("document.activeElement?.textContent?.trim()");
    const order: unknown[] = [];
    for (let n = 0; n < 8; n++) {
      await page.keyboard.press("Tab");
      order.push(await focused());
    }
    expect(order).toEqual(["Skip to the page", "Waybill", "Overview", "Apps", "Keys", "Jobs", "Audit", "Sign out"]);
    for (let n = 0; n < 4; n++) await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Apps" }).waitFor();
    expect(await focused()).toBe("Apps");
    expect(new URL(page.url()).pathname).toBe("/apps");
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  });

  it("sees where it is", async () => {
    await using opened = await openAt("/keys");
    const { page } = opened;
    await page.keyboard.press("Tab");
    const style = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    expect(style).toBe("solid");
  });
});

describe("the token", () => {
  it("is in no address, cookie or lasting storage, and goes to nobody else", async () => {
    await using opened = await browser.openPage();
    const { page } = opened;
    const requests: { readonly url: string; readonly headers: Readonly<Record<string, string>> }[] = [];
    page.on("request", (request) => requests.push({ url: request.url(), headers: request.headers() }));
    await page.goto(`${bench.plane.url}/apps/shop/builds/build-1`);
    await signIn(page, bench.plane.token);
    await showing(page, "Provenance (SLSA v1)");
    expect(requests.some(({ headers }) => headers["authorization"] === `Bearer ${bench.plane.token}`)).toBe(true);
    for (const { url, headers } of requests) {
      expect(url.startsWith(`${bench.plane.url}/`)).toBe(true);
      expect(url).not.toContain(bench.plane.token);
      expect(headers["cookie"]).toBeUndefined();
    }
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.evaluate("[localStorage.length, Object.values(sessionStorage)]")).toEqual([
      0,
      [bench.plane.token],
    ]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Access token").waitFor();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
  });

  it("is asked for again once the service refuses it, with the reason", async () => {
    const made = await callApi(bench.plane, "/v1/tokens", { name: "for a moment", role: "reader" });
    const { id, secret } = JSON.parse(made.text) as { readonly id: string; readonly secret: string };
    await using opened = await browser.openPage();
    const { page } = opened;
    await page.goto(`${bench.plane.url}/apps`);
    await page.getByLabel("Access token").fill(`${secret}x`);
    await page.keyboard.press("Enter");
    await showing(page, "does not accept this token");
    await signIn(page, secret);
    await page.getByRole("link", { name: "Audit" }).click();
    await showing(page, "This token may not read the audit log");
    const revoked = await fetch(`${bench.plane.url}/v1/tokens/${id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${bench.plane.token}` },
    });
    expect(revoked.status).toBe(204);
    // Not the keys, which are for everybody.
    await page.getByRole("link", { name: "Jobs" }).click();
    await showing(page, "it has expired or was revoked");
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
  });
});

describe("the first load", () => {
  it("has at most 120 KB of compressed JavaScript, all of it under the policy", async () => {
    const page = await fetch(`${bench.plane.url}/`);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=/);
    const scripts = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path = ""]) => path);
    expect(scripts.length).toBeGreaterThan(0);
    let bytes = 0;
    for (const script of scripts) {
      const answer = await fetch(`${bench.plane.url}${script}`, {
        method: "HEAD",
        headers: { "accept-encoding": "gzip" },
      });
      expect(answer.headers.get("content-encoding")).toBe("gzip");
      bytes += Number(answer.headers.get("content-length"));
    }
    expect(bytes).toBeGreaterThan(5000);
    expect(bytes).toBeLessThanOrEqual(120 * 1024);
  });
});

describe("what is not there", () => {
  it("is told with how to begin, where the service is new", async () => {
    using workspace = openWorkspace();
    const args = ["--key", workspace.path("none.key")];
    await using plane = await startControlPlane(workspace, { data: "new", args });
    await using opened = await browser.openPage();
    const { page, troubles } = opened;
    await page.goto(plane.url);
    await signIn(page, plane.token);
    for (const [section, words] of [
      ["Overview", "No builds yet"],
      ["Apps", "No apps yet"],
      ["Keys", "The service has no key"],
      ["Jobs", "No jobs"],
    ] as const) {
      await page.getByRole("link", { name: section, exact: true }).click();
      await showing(page, words);
      expect(await findBarriers(page)).toEqual([]);
    }
    expect(troubles).toEqual([]);
  });

  it.each([
    ["/apps/unheard-of", "Not found"],
    ["/apps/shop?state=skipped", "No build is in this state"],
    [`/images/sha256:${"f".repeat(64)}`, "Not found"],
    ["/apps/shop/builds/unheard-of", "Not found"],
    ["/apps/shop/elsewhere", "There is nothing at this address"],
  ])("is said at %s", async (path, words) => {
    await using opened = await openAt(path);
    await showing(opened.page, words);
    expect(await findBarriers(opened.page)).toEqual([]);
  });
});
