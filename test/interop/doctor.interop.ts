import { writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { hashSync } from "bcryptjs";
import { afterAll, describe, expect, it } from "vitest";
import { LOOPBACK_TLS } from "../fakes/loopbackTls.ts";
import { startEmbeddedRegistry } from "./embeddedRegistry.ts";
import { REGISTRY_KINDS, startRealRegistry } from "./realRegistry.ts";
import { pushTinyImage } from "./tinyImage.ts";
import { waybill } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// What doctor says of real registries, and of what is wrong on the way to them.

const workspace = openWorkspace();
const { env } = workspace;
afterAll(() => workspace[Symbol.dispose]());

/** `check state` of every line but those of this machine, and the exit code. */
const doctor = async (args: readonly string[], input = ""): Promise<readonly string[]> => {
  const { stdout, code } = await waybill(["doctor", "-o", "json", ...args], { env, input });
  const findings = JSON.parse(stdout) as readonly { check: string; state: string; subject: string | null }[];
  return [
    ...findings.filter(({ subject }) => subject !== null).map(({ check, state }) => `${check} ${state}`),
    `exit ${code}`,
  ];
};

describe.each(REGISTRY_KINDS)("at %s", (kind) => {
  it("an image can be read and written, and its papers listed", async () => {
    await using registry = await startRealRegistry(workspace, kind);
    await pushTinyImage(workspace, `${registry.host}/team/app`, kind);
    const listed = kind === "docker-registry" ? "referrers warn" : "referrers ok";
    const well = ["reach ok", "login ok", "clock ok", "read ok", listed, "write ok", "exit 0"];
    expect(await doctor([`${registry.host}/team/app:1.0`])).toEqual(well);
  });

  it("the clock is judged by its Date header", async () => {
    await using registry = await startRealRegistry(workspace, kind);
    await using late = await startLate(registry.host, 3600);
    expect(await doctor([late.host])).toEqual(["reach ok", "login ok", "clock fail", "exit 1"]);
  });
});

describe("at a registry with users and TLS", () => {
  it("tells the wrong authority, no login, a wrong one and the right one", async () => {
    const [ca, key, users] = [workspace.path("ca.pem"), workspace.path("tls.key"), workspace.path("users")];
    writeFileSync(ca, LOOPBACK_TLS.cert);
    writeFileSync(key, LOOPBACK_TLS.key);
    writeFileSync(users, `ann:${hashSync("sesame", 4)}\n`);
    const args = ["--tls-cert", ca, "--tls-key", key, "--htpasswd", users];
    await using registry = await startEmbeddedRegistry(workspace, { dir: workspace.path("tls"), args });
    const as = (password: string) => [
      "--registry-cacert",
      ca,
      "--registry-username",
      "ann",
      "--registry-password",
      password,
    ];
    expect(await doctor([registry.host])).toEqual(["reach fail", "exit 1"]);
    expect(await doctor([registry.host, "--registry-cacert", ca])).toEqual([
      "reach ok",
      "login fail",
      "clock ok",
      "exit 1",
    ]);
    expect(await doctor([registry.host, ...as("wrong")])).toEqual(["reach ok", "login fail", "clock ok", "exit 1"]);
    expect(await doctor([registry.host, ...as("sesame")])).toEqual(["reach ok", "login ok", "clock ok", "exit 0"]);
  });
});

/** Hands everything on to a registry, and says that it is so many seconds later than it is. */
const startLate = async (host: string, seconds: number): Promise<AsyncDisposable & { readonly host: string }> => {
  const server = createServer((asked, reply) => {
    const onward = request(
      `http://${host}${asked.url ?? ""}`,
      { method: asked.method, headers: asked.headers },
      (answer) => {
        const date = new Date(Date.now() + seconds * 1000).toUTCString();
        reply.writeHead(answer.statusCode ?? 500, { ...answer.headers, date });
        answer.pipe(reply);
      },
    );
    onward.on("error", () => reply.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
