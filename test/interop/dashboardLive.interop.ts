import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { callApi } from "./controlPlaneApi.ts";
import { addBuild, signIn } from "./dashboardBench.ts";
import { startBrowser } from "./dashboardBrowser.ts";
import type { OpenPage, TestBrowser } from "./dashboardBrowser.ts";
import { openWorkspace } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

// What a page that is left open shows of a service that changes, goes away and comes back. It has no key and no registry.

let workspace: Workspace;
let browser: TestBrowser;
let plane: ControlPlane;

const start = async (listen?: string): Promise<void> => {
  const args = ["--key", workspace.path("none.key")];
  plane = await startControlPlane(workspace, { data: "live", args, ...(listen === undefined ? {} : { listen }) });
};

beforeAll(async () => {
  workspace = openWorkspace();
  [browser] = await Promise.all([startBrowser(), start()]);
  await addBuild(plane, "shop", { build_id: "first" });
}, 120_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await plane?.[Symbol.asyncDispose]();
  workspace?.[Symbol.dispose]();
});

const openAt = async (path: string, token: string): Promise<OpenPage> => {
  const opened = await browser.openPage();
  await opened.page.goto(`${plane.url}${path}`);
  await signIn(opened.page, token);
  await opened.page.locator('[data-live="live"]').waitFor();
  return opened;
};

describe("a page that is left open", () => {
  it("shows changes by itself", async () => {
    await using opened = await openAt("/apps/shop", plane.token);
    const { page, troubles } = opened;
    await addBuild(plane, "shop", { build_id: "live" });
    await page.getByRole("link", { name: "live", exact: true }).waitFor();
    expect(troubles).toEqual([]);
  });

  it("says when the service is away, goes on when it is back, and has what happened meanwhile", async () => {
    await using opened = await openAt("/apps/shop", plane.token);
    const { page } = opened;
    const loads: string[] = [];
    page.on("load", () => loads.push(page.url()));
    const streams: (string | undefined)[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/v1/events")) streams.push(request.headers()["last-event-id"]);
    });
    await addBuild(plane, "shop", { build_id: "before" });
    await page.getByRole("link", { name: "before", exact: true }).waitFor();
    const { host } = new URL(plane.url);
    await plane.kill();
    await page.locator('[data-live="lost"]').waitFor();
    await page.getByText(/The service cannot be reached\. What you see is as of .* UTC\./).waitFor();
    await page.getByRole("link", { name: "before", exact: true }).waitFor();
    await start(host);
    await page.locator('[data-live="live"]').waitFor({ timeout: 40_000 });
    expect(await page.getByText("The service cannot be reached").count()).toBe(0);
    await addBuild(plane, "shop", { build_id: "after" });
    await page.getByRole("link", { name: "after", exact: true }).waitFor();
    expect(loads).toEqual([]);
    expect(streams.at(-1)).toMatch(/^[0-9]+$/);
  });

  it("asks for a token again where its own has ended, and for nothing else", async () => {
    const made = await callApi(plane, "/v1/tokens", { name: "for a moment", role: "reader" });
    const { id, secret } = JSON.parse(made.text) as { readonly id: string; readonly secret: string };
    await using opened = await openAt("/apps/shop", secret);
    const { page } = opened;
    const revoked = await fetch(`${plane.url}/v1/tokens/${id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${plane.token}` },
    });
    expect(revoked.status).toBe(204);
    // The stream looks at its token every 15 seconds.
    await page.getByText("it has expired or was revoked").waitFor({ timeout: 60_000 });
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await addBuild(plane, "shop", { build_id: "unseen" });
    await page.waitForTimeout(4000);
    expect(asked).toEqual([]);
  });
});
