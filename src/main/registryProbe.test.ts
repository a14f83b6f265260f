import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { parseReference } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";
import { parseDigest } from "#core/digest.ts";
import { systemClock } from "#main/clock.ts";
import { openRegistryProbe } from "#main/registryProbe.ts";
import { startFaultRegistry } from "../../test/fakes/faultRegistry.ts";
import { LOOPBACK_TLS } from "../../test/fakes/loopbackTls.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const SETTINGS = {
  registryUsername: undefined,
  registryPassword: undefined,
  registryToken: undefined,
  registryConfig: undefined,
  k8sKeychain: false,
  registryCacert: undefined,
  registryClientCert: undefined,
  registryClientKey: undefined,
  registryServerName: undefined,
  allowHttpRegistry: false,
  allowInsecureRegistry: false,
};
const SUBJECT = parseDigest(`sha256:${"a".repeat(64)}`);

const registry = await startFaultRegistry();
const old = await startFaultRegistry({ referrers: false });
const strict = await startFaultRegistry({ tls: LOOPBACK_TLS });
afterAll(async () => {
  for (const one of [registry, old, strict]) await one.close();
});
beforeEach(() => {
  registry.fault = () => false;
  registry.requests.length = 0;
});

const open = async (host: string, flags: Partial<typeof SETTINGS> = {}) => {
  const ctx = testCtx({ clock: systemClock });
  const probe = await openRegistryProbe(ctx, { ...SETTINGS, ...flags }, [`${host}/app:1`]);
  return { ctx, probe, place: parseReference(`${host}/app:1`) as RegistryReference };
};

describe("a probe", () => {
  it("tells where it knocked, and how late it is there", async () => {
    const late = new Date(Date.now() - 3_600_000).toUTCString();
    registry.fault = (_, response) => {
      response.setHeader("date", late);
      return false;
    };
    const { ctx, probe } = await open(registry.host);
    const knock = await probe.knock(ctx, registry.host);
    expect(knock).toMatchObject({ url: `http://${registry.host}/`, asks: false, failure: undefined });
    expect(knock.times?.theirs).toBe(Date.parse(late));
    await probe.close();
  });

  it("tells a door that stays shut, and the credential", async () => {
    registry.fault = (request, response) => {
      if (request.headers.authorization === "Basic YW5uOnNlc2FtZQ==") return false;
      response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
      return true;
    };
    const shut = await open(registry.host, { allowHttpRegistry: true });
    expect(await shut.probe.knock(shut.ctx, registry.host)).toMatchObject({
      asks: true,
      failure: { code: "AUTH_REQUIRED" },
    });
    await shut.probe.close();
    const flags = {
      allowHttpRegistry: true,
      registryUsername: "ann",
      registryPassword: "sesame",
    } as unknown as typeof SETTINGS;
    const { ctx, probe } = await open(registry.host, flags);
    expect(await probe.knock(ctx, registry.host)).toMatchObject({ asks: true, failure: undefined });
    expect(await probe.findCredential(ctx, registry.host)).toBe("--registry-username and --registry-password");
    expect(await probe.findCredential(ctx, "other.example")).toBeUndefined();
    await probe.close();
  });

  it("does not take a certificate of strangers, nor a dead port", async () => {
    const { ctx, probe } = await open(strict.host);
    expect(await probe.knock(ctx, strict.host)).toMatchObject({ url: undefined, failure: { code: "NETWORK_FAILED" } });
    expect(await probe.knock(ctx, "127.0.0.1:1")).toMatchObject({
      url: undefined,
      failure: { code: "NETWORK_FAILED" },
    });
    await probe.close();
  });

  it("knows the referrers API from its absence", async () => {
    const [now, then] = [await open(registry.host), await open(old.host)];
    expect(await now.probe.listsReferrers(now.ctx, now.place, SUBJECT)).toBe(true);
    expect(await then.probe.listsReferrers(then.ctx, then.place, SUBJECT)).toBe(false);
    for (const { probe } of [now, then]) await probe.close();
  });

  it("begins an upload and cancels it, or says that it stays", async () => {
    let status = 204;
    registry.fault = (request, response) => {
      if (request.method === "POST") response.writeHead(202, { location: "/v2/app/blobs/uploads/u1" }).end();
      else if (request.method === "DELETE") response.writeHead(status).end();
      return request.method === "POST" || request.method === "DELETE";
    };
    const { ctx, probe, place } = await open(registry.host);
    expect(await probe.tryUpload(ctx, place)).toBe("cancelled");
    expect(registry.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /v2/",
      "POST /v2/app/blobs/uploads/",
      "DELETE /v2/app/blobs/uploads/u1",
    ]);
    status = 405;
    expect(await probe.tryUpload(ctx, place)).toBe("kept");
    await probe.close();
  });
});
