import { afterEach, describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { Credential, CredentialSource } from "#registry/client/credentials.ts";
import { findOrigin } from "#registry/client/origin.ts";
import { always, hastyCtx, openTestClient } from "../../../test/fakes/openTestClient.ts";
import { startFaultRegistry } from "../../../test/fakes/faultRegistry.ts";
import type { FaultRegistry, FaultRegistryOptions } from "../../../test/fakes/faultRegistry.ts";
import { MY_BASIC, answer, me, wantBasic, wantBearer } from "../../../test/fakes/tokenService.ts";
import { LOOPBACK_TLS } from "../../../test/fakes/loopbackTls.ts";

const ctx = hastyCtx();
const EMPTY_DIGEST = digestOf("");
const running: FaultRegistry[] = [];
afterEach(async () => {
  for (const registry of running.splice(0)) await registry.close();
});

const start = async (options: FaultRegistryOptions = {}): Promise<FaultRegistry> => {
  const registry = await startFaultRegistry(options);
  running.push(registry);
  return registry;
};

const startTls = (): Promise<FaultRegistry> => start({ tls: LOOPBACK_TLS });

const authorizations = (registry: FaultRegistry): Set<string | undefined> =>
  new Set(registry.requests.map(({ headers }) => headers.authorization));

describe("the scheme of a registry", () => {
  it("is http on loopback when nobody speaks TLS there, found once for all requests", async () => {
    const registry = await start();
    const open = openTestClient();
    await Promise.all(["a", "b", "c"].map((name) => open(`${registry.host}/${name}`).listTags(ctx)));
    expect(registry.requests.filter(({ url }) => url === "/v2/")).toHaveLength(1);
    expect(registry.requests).toHaveLength(4);
  });

  it("is found without waiting", async () => {
    const registry = await start();
    const from = performance.now();
    await openTestClient()(`${registry.host}/a`).listTags(ctx);
    expect(performance.now() - from).toBeLessThan(250);
  });

  it("is https where TLS answers", async () => {
    const registry = await startTls();
    expect(await openTestClient({ ca: LOOPBACK_TLS.cert })(`${registry.host}/a`).listTags(ctx)).toEqual([]);
    expect(await openTestClient({ allowInsecure: true })(`${registry.host}/a`).listTags(ctx)).toEqual([]);
  });

  it("does not fall back to http because of a bad certificate", async () => {
    const registry = await startTls();
    const repository = openTestClient()(`${registry.host}/a`);
    await expect(repository.listTags(ctx)).rejects.toMatchObject({
      code: "NETWORK_FAILED",
      details: { reason: "certificate" },
      hint: expect.stringContaining("--registry-cacert") as string,
    });
    expect(registry.requests).toHaveLength(0);
  });

  it("does not fall back to http because a connection closes after its handshake, and tries that again", async () => {
    const registry = await startTls();
    let closed = 0;
    registry.fault = (request) => {
      if (++closed > 2) return false;
      request.socket.destroy();
      return true;
    };
    const open = openTestClient({ ca: LOOPBACK_TLS.cert });
    expect(await open(`${registry.host}/a`).listTags(ctx)).toEqual([]);
    registry.fault = (request) => {
      request.socket.destroy();
      return true;
    };
    await expect(openTestClient({ ca: LOOPBACK_TLS.cert })(`${registry.host}/a`).listTags(ctx)).rejects.toMatchObject({
      details: { reason: "closed" },
      message: expect.stringContaining(`GET https://${registry.host}/v2/`) as string,
    });
  });

  it("is https alone for every other host, http only where it is allowed", async () => {
    const sent: string[] = [];
    const send = async (_ctx: unknown, request: { readonly url: URL }) => {
      sent.push(request.url.href);
      if (request.url.protocol === "https:")
        throw new WaybillError("NETWORK_FAILED", "refused", { details: { reason: "refused" } });
      return { status: 200, headers: {}, url: request.url, bytes: new Uint8Array() };
    };
    await expect(findOrigin(send, ctx, "host.test", { allowHttp: false })).rejects.toMatchObject({
      code: "NETWORK_FAILED",
    });
    expect(sent).toEqual(["https://host.test/v2/"]);
    expect((await findOrigin(send, ctx, "host.test", { allowHttp: true })).url.href).toBe("http://host.test/");
    expect((await findOrigin(send, ctx, "box.local:80", { allowHttp: false })).url.href).toBe("http://box.local/");
    await expect(findOrigin(send, ctx, "127.1:5000", { allowHttp: false })).rejects.toMatchObject({
      code: "REFERENCE_INVALID",
    });
  });

  it("says that nobody is there", async () => {
    const registry = await startFaultRegistry();
    await registry.close();
    await expect(openTestClient()(`${registry.host}/a`).listTags(ctx)).rejects.toMatchObject({
      code: "NETWORK_FAILED",
    });
  });

  it.each([
    [404, "REGISTRY_PROTOCOL"],
    [403, "AUTH_DENIED"],
    [429, "REGISTRY_THROTTLED"],
    [500, "REGISTRY_UNAVAILABLE"],
  ])("takes a ping of %i for %s", async (status, code) => {
    const registry = await start();
    registry.fault = (_request, response) => answer(response, status, {});
    await expect(openTestClient()(`${registry.host}/a`).listTags(ctx)).rejects.toMatchObject({ code });
  });
});

describe("basic authentication", () => {
  it("goes over https", async () => {
    const registry = await startTls();
    wantBasic(registry);
    const asked: string[] = [];
    const credentials: CredentialSource = async (_ctx, { registry: name, repository }) => {
      asked.push(`${name} ${repository}`);
      return { credential: me, from: "the test" };
    };
    const open = openTestClient({ ca: LOOPBACK_TLS.cert, credentials });
    expect(await open(`${registry.host}/a`).listTags(ctx)).toEqual([]);
    expect(asked).toEqual([`${registry.host} a`]);
    expect(registry.requests).toHaveLength(2);
  });

  it("without credentials, or with wrong ones, is AUTH_REQUIRED", async () => {
    const registry = await startTls();
    wantBasic(registry);
    const wrong: Credential = { kind: "password", username: "me", password: "wrong" };
    for (const credential of [undefined, wrong]) {
      const open = openTestClient({ ca: LOOPBACK_TLS.cert, credentials: always(credential) });
      await expect(open(`${registry.host}/a`).listTags(ctx)).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
    }
  });

  it("attack 47: does not go over http; the refusal says how to allow it", async () => {
    const registry = await start();
    wantBasic(registry);
    const open = openTestClient({ credentials: always(me) });
    await expect(open(`${registry.host}/a`).listTags(ctx)).rejects.toMatchObject({
      code: "AUTH_INSECURE",
      hint: expect.stringContaining("--allow-http-registry") as string,
    });
    expect(authorizations(registry)).toEqual(new Set([undefined]));
  });

  it("goes over http where that is allowed", async () => {
    const registry = await start();
    wantBasic(registry);
    const open = openTestClient({ credentials: always(me), allowHttp: true });
    expect(await open(`${registry.host}/a`).listTags(ctx)).toEqual([]);
  });

  it("is not needed by a registry that asks for nothing: credentials stay here", async () => {
    const registry = await startTls();
    await openTestClient({ ca: LOOPBACK_TLS.cert, credentials: always(me) })(`${registry.host}/a`).listTags(ctx);
    expect(authorizations(registry)).toEqual(new Set([undefined]));
  });
});

describe("bearer authentication", () => {
  const openTls = (credential?: Credential) =>
    openTestClient({ ca: LOOPBACK_TLS.cert, credentials: always(credential) });

  it("gets one token per scope for requests that come together", async () => {
    const registry = await startTls();
    const service = wantBearer(registry, "https");
    const repository = openTls(me)(`${registry.host}/team/app`);
    await Promise.all(Array.from({ length: 5 }, () => repository.readManifest(ctx, "v1")));
    await repository.listTags(ctx);
    expect(service.asked).toHaveLength(1);
    expect(service.asked[0]?.authorization).toBe(MY_BASIC);
    expect(Object.fromEntries(service.asked[0]?.query ?? [])).toEqual({
      service: "the service",
      scope: "repository:team/app:pull",
    });
    await repository.writeBlob(ctx, { digest: EMPTY_DIGEST, size: 0 }, new Uint8Array());
    expect(service.asked.map(({ query }) => query.get("scope"))).toEqual([
      "repository:team/app:pull",
      "repository:team/app:pull,push",
    ]);
  });

  it("asks to push from the start where the repository is opened for writing", async () => {
    const registry = await startTls();
    const service = wantBearer(registry, "https");
    const repository = openTls()(`${registry.host}/app`, "write");
    await repository.readManifest(ctx, "v1");
    await repository.writeBlob(ctx, { digest: EMPTY_DIGEST, size: 0 }, new Uint8Array());
    expect(service.asked).toHaveLength(1);
    expect(service.asked[0]?.authorization).toBeUndefined();
  });

  it("gets a new token when one has expired, and when one is refused before its time", async () => {
    const registry = await startTls();
    const service = wantBearer(registry, "https", { expiresIn: 100, accepts: (token) => token !== "t2" });
    let now = 1_000_000;
    const clocked = hastyCtx({ clock: { now: () => now, jitter: () => 0, sleep: async () => {} } });
    const repository = openTls()(`${registry.host}/app`);
    await repository.listTags(clocked);
    now += 70_000;
    await repository.listTags(clocked);
    expect(service.asked).toHaveLength(1);
    now += 20_000;
    await Promise.all([repository.listTags(clocked), repository.listTags(clocked), repository.listTags(clocked)]);
    expect(service.asked).toHaveLength(3);
  });

  it("gives up after one new token", async () => {
    const registry = await startTls();
    const service = wantBearer(registry, "https", { accepts: () => false });
    await expect(openTls(me)(`${registry.host}/app`).listTags(ctx)).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
    expect(service.asked).toHaveLength(2);
  });

  it("asks for the scope that the registry names", async () => {
    const registry = await startTls();
    const service = wantBearer(registry, "https");
    const inner = registry.fault;
    registry.fault = async (request, response) => {
      if (request.url?.includes("/tags/") !== true || request.headers.authorization === "Bearer t2")
        return inner(request, response);
      const challenge = `Bearer realm="https://${registry.host}/token",scope="repository:other/name:pull registry:x:*"`;
      return answer(response, 401, {}, { "www-authenticate": challenge });
    };
    await openTls()(`${registry.host}/app`).listTags(ctx);
    expect(service.asked[1]?.query.getAll("scope")).toEqual(["repository:other/name:pull", "registry:x:*"]);
  });

  it("spends an identity token by POST", async () => {
    const registry = await startTls();
    const service = wantBearer(registry, "https");
    await openTls({ kind: "refresh", token: "idt" })(`${registry.host}/app`).listTags(ctx);
    expect(Object.fromEntries(new URLSearchParams(service.asked[0]?.form))).toMatchObject({
      grant_type: "refresh_token",
      refresh_token: "idt",
      service: "the service",
      scope: "repository:app:pull",
    });
    expect(registry.requests.every(({ url }) => !url.includes("idt"))).toBe(true);
  });

  it("sends a token of the user's as it is", async () => {
    const registry = await startTls();
    const service = wantBearer(registry, "https");
    await openTls({ kind: "bearer", token: "t99" })(`${registry.host}/app`).listTags(ctx);
    expect(service.asked).toHaveLength(0);
  });

  it.each([
    "http://127.0.0.1:1/token",
    "http://evil.test/token",
    "https://me@evil.test/",
    "file:///x",
    "",
    "https://[",
  ])("attack 47: gets no token from %s", async (realm) => {
    const registry = await startTls();
    wantBearer(registry, "https", { realm });
    await expect(openTls(me)(`${registry.host}/app`).listTags(ctx)).rejects.toMatchObject({
      code: expect.stringMatching(/^(AUTH_INSECURE|REGISTRY_PROTOCOL)$/) as string,
    });
  });

  it("attack 47: on plain http gets an anonymous token from the registry's own host, and from no other", async () => {
    const [registry, other] = [await start(), await start()];
    const service = wantBearer(registry, "http");
    const stranger = wantBearer(other, "http");
    const open = openTestClient({ credentials: always(me) });
    expect(await open(`${registry.host}/app`).listTags(ctx)).toEqual([]);
    expect(service.asked[0]?.authorization).toBeUndefined();
    wantBearer(registry, "http", { realm: `http://${other.host}/token` });
    await expect(openTestClient()(`${registry.host}/app`).listTags(ctx)).rejects.toMatchObject({
      code: "AUTH_INSECURE",
    });
    expect(stranger.asked).toHaveLength(0);
  });

  it("attack 47: sends the password to the realm over http only where that is allowed", async () => {
    const registry = await start();
    const service = wantBearer(registry, "http");
    await openTestClient({ credentials: always(me), allowHttp: true })(`${registry.host}/app`).listTags(ctx);
    expect(service.asked[0]?.authorization).toBe(MY_BASIC);
  });

  it("attack 47: sends no token to where a blob is kept elsewhere", async () => {
    const [registry, storage] = [await startTls(), await startTls()];
    wantBearer(registry, "https");
    const inner = registry.fault;
    registry.fault = (request, response) =>
      request.url?.includes("/blobs/") === true && request.headers.authorization === "Bearer t1"
        ? answer(response, 307, {}, { location: `https://${storage.host}/bytes?X-Signature=s` })
        : inner(request, response);
    storage.fault = (_request, response) => {
      response.end("12345");
      return true;
    };
    expect(await openTls(me)(`${registry.host}/app`).hasBlob(ctx, EMPTY_DIGEST)).toBe(true);
    expect(storage.requests).toHaveLength(1);
    expect(authorizations(storage)).toEqual(new Set([undefined]));
  });

  it.each([
    [200, "<html>", "REGISTRY_PROTOCOL"],
    [200, {}, "REGISTRY_PROTOCOL"],
    [200, { token: "two\r\nlines" }, "REGISTRY_PROTOCOL"],
    [401, {}, "AUTH_REQUIRED"],
    [403, {}, "AUTH_REQUIRED"],
    [429, {}, "REGISTRY_THROTTLED"],
    [503, {}, "REGISTRY_UNAVAILABLE"],
  ])("takes %i %j of the token service for %s", async (status, body, code) => {
    const registry = await startTls();
    wantBearer(registry, "https");
    const inner = registry.fault;
    registry.fault = (request, response) =>
      request.url?.startsWith("/token") === true ? answer(response, status, body) : inner(request, response);
    await expect(openTls(me)(`${registry.host}/app`).listTags(ctx)).rejects.toMatchObject({ code });
  });

  it("begins anew for the others when the one who was asking is gone", async () => {
    const registry = await startTls();
    const service = wantBearer(registry, "https");
    const inner = registry.fault;
    const gone = new AbortController();
    registry.fault = async (request, response) => {
      if (request.url?.startsWith("/token") !== true || gone.signal.aborted) return inner(request, response);
      gone.abort();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return inner(request, response);
    };
    const repository = openTls()(`${registry.host}/app`);
    const first = repository.listTags(hastyCtx({ signal: gone.signal }));
    const second = repository.listTags(ctx);
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    expect(await second).toEqual([]);
    expect(service.asked.length).toBeGreaterThan(0);
  });
});
