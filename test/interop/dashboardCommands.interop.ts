import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signIn, startDashboardBench } from "./dashboardBench.ts";
import type { DashboardBench } from "./dashboardBench.ts";
import { startBrowser } from "./dashboardBrowser.ts";
import { peer } from "./peers.ts";
import { run } from "./run.ts";
import { WAYBILL_ENV, waybillCommand } from "./waybill.ts";

// What a build's page tells people to run is run as it stands there, by a shell that knows nothing else.

let bench: DashboardBench;
let commands: readonly string[];

beforeAll(async () => {
  bench = await startDashboardBench();
  await using browser = await startBrowser();
  await using opened = await browser.openPage();
  const { page } = opened;
  await page.goto(`${bench.plane.url}/apps/shop/builds/build-1`);
  await signIn(page, bench.plane.token);
  const card = page.getByRole("region", { name: "Check it yourself" });
  await card.getByText("--type slsaprovenance1").waitFor();
  commands = await card.locator("pre").allInnerTexts();
}, 120_000);

afterAll(() => bench?.[Symbol.asyncDispose]());

/** A folder with a `cosign` and a `waybill`, as people have them on their PATH. */
const programsWith = (cosign: "cosign3" | "cosign2"): string => {
  const folder = bench.workspace.path(`programs-${cosign}`);
  mkdirSync(folder);
  const [program, args] = waybillCommand([]);
  const quoted = [program, ...args].map((word) => `'${word}'`).join(" ");
  for (const [name, command] of [
    ["cosign", `'${peer(cosign)}'`],
    ["waybill", quoted],
  ] as const) {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec ${command} "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
};

describe("the commands on a build's page", () => {
  it.each(["cosign3", "cosign2"] as const)("run as they are printed, with %s", async (cosign) => {
    const folder = programsWith(cosign);
    const env = { ...bench.workspace.env, ...WAYBILL_ENV, PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` };
    expect(commands.map((command) => command.split(" ").slice(0, 2).join(" "))).toEqual([
      "curl -fsSo",
      "cosign verify",
      "cosign verify-attestation",
      "cosign verify-attestation",
      "waybill verify",
      "waybill verify-attestation",
      "waybill show",
    ]);
    for (const command of commands) {
      const { code, stdout, stderr } = await run("sh", ["-c", command], { cwd: folder, env });
      expect(code, `${command}\n${stdout.slice(0, 500)}\n${stderr}`).toBe(0);
    }
  });
});
