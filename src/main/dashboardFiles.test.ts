import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { openDashboard } from "#main/dashboardFiles.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const PAGE = "<!doctype html><title>Waybill</title>";
const SCRIPT = `console.log(${JSON.stringify("x".repeat(4000))});`;
const dirs: string[] = [];

afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

const makeDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "waybill-web-"));
  dirs.push(dir);
  return dir;
};

const makeBuilt = (): string => {
  const dir = makeDir();
  mkdirSync(join(dir, "assets"));
  writeFileSync(join(dir, "index.html"), PAGE);
  writeFileSync(join(dir, "assets", "index-abc.js"), SCRIPT);
  writeFileSync(join(dir, "assets", "mark-abc.svg"), "<svg/>");
  writeFileSync(join(dir, "notes.txt"), "not for the world");
  return dir;
};

const ask = (path: string, init: RequestInit = {}): Request => new Request(`http://127.0.0.1:8600${path}`, init);

describe("the built dashboard", () => {
  it.each([
    "/",
    "/index.html",
    "/apps",
    "/apps/a/builds/b",
    "/images/sha256:00",
    "/keys",
    "/jobs",
    "/audit",
    "/apps?q=x",
  ])("opens its page at %s", async (path) => {
    const response = openDashboard(makeBuilt()).answer(ask(path));
    expect(await response?.text()).toBe(PAGE);
    expect(response?.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(response?.headers.get("Cache-Control")).toBe("no-cache");
  });

  it.each([
    "/v1/apps",
    "/api/v1/apps",
    "/healthz",
    "/readyz",
    "/metrics",
    "/appsx",
    "/assets",
    "/assets/other.js",
    "/notes.txt",
    "/assets/../notes.txt",
    "/%2e%2e/package.json",
    "/..%2fpackage.json",
    "//apps",
  ])("leaves %s to others", (path) => {
    expect(openDashboard(makeBuilt()).answer(ask(path))).toBeUndefined();
  });

  it("only reads", () => {
    expect(openDashboard(makeBuilt()).answer(ask("/", { method: "POST" }))).toBeUndefined();
  });

  it("lets nothing run, be framed or be taken for another type that is not its own", () => {
    const dashboard = openDashboard(pathToFileURL(makeBuilt()));
    for (const path of ["/", "/assets/index-abc.js"]) {
      const headers = dashboard.answer(ask(path))?.headers;
      expect(headers?.get("Content-Security-Policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers?.get("X-Content-Type-Options")).toBe("nosniff");
    }
  });

  it("sends assets packed where that is understood, to be kept for ever", async () => {
    const dashboard = openDashboard(makeBuilt());
    const packed = dashboard.answer(ask("/assets/index-abc.js", { headers: { "Accept-Encoding": "br, gzip" } }));
    expect(packed?.headers.get("Content-Encoding")).toBe("gzip");
    expect(packed?.headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
    expect(gunzipSync((await packed?.bytes()) ?? "").toString()).toBe(SCRIPT);
    const plain = dashboard.answer(ask("/assets/index-abc.js", { headers: { "Accept-Encoding": "gzip;q=0" } }));
    expect(plain?.headers.get("Content-Encoding")).toBeNull();
    expect(await plain?.text()).toBe(SCRIPT);
    expect(plain?.headers.get("ETag")).not.toBe(packed?.headers.get("ETag"));
  });

  it("does not send again what has not changed, and no body for HEAD", async () => {
    const dashboard = openDashboard(makeBuilt());
    const etag = dashboard.answer(ask("/"))?.headers.get("ETag") ?? "";
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(dashboard.answer(ask("/", { headers: { "If-None-Match": etag } }))?.status).toBe(304);
    expect(dashboard.answer(ask("/", { headers: { "If-None-Match": '"other"' } }))?.status).toBe(200);
    const head = dashboard.answer(ask("/", { method: "HEAD" }));
    expect(head?.headers.get("Content-Length")).toBe(String(PAGE.length));
    expect(await head?.text()).toBe("");
  });

  it("refuses a folder that is no dashboard", () => {
    const dir = makeBuilt();
    for (let n = 0; n < 100; n++) writeFileSync(join(dir, `${n}.js`), "");
    expect(codeOf(() => openDashboard(dir))).toBe("LIMIT_EXCEEDED");
  });
});

describe("without a build", () => {
  it("says at its address how to get it, and leaves the rest to others", async () => {
    const dashboard = openDashboard(join(makeDir(), "web"));
    expect(await dashboard.answer(ask("/"))?.text()).toContain("npm run build");
    expect(dashboard.answer(ask("/apps"))).toBeUndefined();
  });
});
