import { afterEach, describe, expect, it } from "vitest";
import { copyBlob } from "#app/copyBlob.ts";
import { openRoute } from "#app/copyRoute.ts";
import { digestOf } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readAll } from "#core/verifiedBytes.ts";
import type { Credential, CredentialSource, FoundCredential } from "#registry/client/credentials.ts";
import { startFaultRegistry } from "../../../test/fakes/faultRegistry.ts";
import type { FaultRegistry } from "../../../test/fakes/faultRegistry.ts";
import { LOOPBACK_TLS } from "../../../test/fakes/loopbackTls.ts";
import { codeOfPromise } from "../../../test/fakes/codeOfPromise.ts";
import { createMemoryRepository } from "../../../test/fakes/memoryRepository.ts";
import { manualClock } from "../../../test/fakes/manualClock.ts";
import { hastyCtx, openTestClient } from "../../../test/fakes/openTestClient.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";
import { MY_BASIC, answer, me, wantBasic, wantBearer } from "../../../test/fakes/tokenService.ts";

const ctx = hastyCtx();
const running: FaultRegistry[] = [];
afterEach(async () => {
  for (const registry of running.splice(0)) await registry.close();
});
const start = async (): Promise<FaultRegistry> => {
  const registry = await startFaultRegistry({ tls: LOOPBACK_TLS });
  running.push(registry);
  return registry;
};

const open = (credentials: CredentialSource) => openTestClient({ ca: LOOPBACK_TLS.cert, credentials });
const found = (credential: Credential, from = "the vault"): FoundCredential => ({ credential, from });
const wrong: Credential = { kind: "password", username: "me", password: "hunter2" };

/** A source that goes on to the next answer when one is refused. */
const oneAfterAnother = (answers: readonly (FoundCredential | undefined)[]) => {
  const refusals: (FoundCredential | undefined)[] = [];
  const source: CredentialSource = async (_ctx, _place, refused) => {
    refusals.push(refused);
    return answers[Math.min(refusals.length, answers.length) - 1];
  };
  return { refusals, source };
};

describe("a refused credential", () => {
  it.each([
    ["basic", "AUTH_REQUIRED", /^The credential is that of the vault\. .* log in again with waybill login 127/],
    ["bearer", "AUTH_REQUIRED", /^The credential is that of the vault\. .* log in again with waybill login 127/],
    ["denied", "AUTH_DENIED", /^The credential is that of the vault\. It may not do this; ask for pull/],
  ])("names its source and nothing of itself (%s)", async (kind, code, hint) => {
    const registry = await start();
    if (kind === "bearer") wantBearer(registry, "https", { grants: () => 401 });
    else wantBasic(registry, kind === "denied" ? wrong : me);
    if (kind === "denied") {
      const inner = registry.fault;
      registry.fault = async (request, response) =>
        (await inner(request, response)) || (request.url !== "/v2/" && answer(response, 403, {}));
    }
    const error: unknown = await open(async () => found(wrong))(`${registry.host}/a`)
      .listTags(ctx)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) as string });
    const all = error instanceof Error ? [error.message, JSON.stringify(error), String(error.cause)].join() : "";
    expect(all).not.toMatch(/hunter2|the vault.*the vault/);
  });

  it("is told as none where none is known", async () => {
    const registry = await start();
    wantBasic(registry);
    await expect(open(async () => undefined)(`${registry.host}/a`).listTags(ctx)).rejects.toMatchObject({
      code: "AUTH_REQUIRED",
      hint: expect.stringMatching(/^No credential for 127\.0\.0\.1:\d+ is known\. Log in with waybill login/) as string,
    });
  });

  it("is replaced by what the source says by now", async () => {
    const registry = await start();
    wantBasic(registry);
    const { source, refusals } = oneAfterAnother([found(wrong), found(me)]);
    expect(await open(source)(`${registry.host}/a`).listTags(ctx)).toEqual([]);
    expect(refusals).toEqual([undefined, found(wrong)]);
  });

  it("is replaced where it is a token of the user's, and where there was none", async () => {
    const registry = await start();
    wantBearer(registry, "https");
    const stale = oneAfterAnother([found({ kind: "bearer", token: "old" }), found({ kind: "bearer", token: "t7" })]);
    expect(await open(stale.source)(`${registry.host}/a`).listTags(ctx)).toEqual([]);
    wantBasic(registry);
    const late = oneAfterAnother([undefined, found(me)]);
    expect(await open(late.source)(`${registry.host}/a`).listTags(ctx)).toEqual([]);
  });

  it("is replaced where the token service refuses it", async () => {
    const registry = await start();
    const service = wantBearer(registry, "https", {
      grants: ({ authorization }) => (authorization === MY_BASIC ? {} : 401),
    });
    const { source } = oneAfterAnother([found(wrong), found(me)]);
    expect(await open(source)(`${registry.host}/a`).listTags(ctx)).toEqual([]);
    expect(service.asked).toHaveLength(2);
  });

  it("is asked for once by many requests, and tried once more at the most", async () => {
    const registry = await start();
    wantBasic(registry);
    const { source, refusals } = oneAfterAnother([found(wrong), found({ ...wrong, password: "hunter3" })]);
    const repository = open(source)(`${registry.host}/a`);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => repository.listTags(ctx)));
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(refusals.length).toBeLessThanOrEqual(3);
  });
});

describe("credentials", () => {
  it("are for the repository that they are of", async () => {
    const registry = await start();
    registry.fault = (request, response) => {
      const [, name] = /^\/v2\/(\w+)\//.exec(request.url ?? "") ?? [];
      const wanted = `Basic ${Buffer.from(`${name}:pw`).toString("base64")}`;
      if (request.headers.authorization === wanted) return false;
      return answer(response, 401, {}, { "www-authenticate": "Basic realm=here" });
    };
    const repositories = open(async (_ctx, { repository = "" }) =>
      found({ kind: "password", username: repository, password: "pw" }),
    );
    for (const name of ["a", "b"]) expect(await repositories(`${registry.host}/${name}`).listTags(ctx)).toEqual([]);
    expect(registry.requests).toHaveLength(3);
  });

  it("are asked for again after a while, and no longer used than they say", async () => {
    const registry = await start();
    wantBasic(registry);
    const clock = manualClock(1_000_000);
    const clocked = testCtx({ clock });
    let asked = 0;
    const repository = open(async () => {
      asked++;
      return { ...found(me), ...(asked === 1 ? { usableUntil: clock.now() + 5000 } : {}) };
    })(`${registry.host}/a`);
    for (const [ms, times] of [
      [0, 1],
      [4000, 1],
      [1001, 2],
      [29_000, 2],
      [1001, 3],
    ] as const) {
      clock.advance(ms);
      await repository.listTags(clocked);
      expect(asked).toBe(times);
    }
  });
});

describe("a refresh token", () => {
  const refresh =
    (token: string): CredentialSource =>
    async () =>
      found({ kind: "refresh", token });
  const spent = (form: string): string | null => new URLSearchParams(form).get("refresh_token");

  it("that was replaced is kept, and two are never spent together", async () => {
    const registry = await start();
    let good = "first";
    const service = wantBearer(registry, "https", {
      grants: ({ form }) => {
        if (spent(form) !== good) return 401;
        return { refresh_token: (good = `${good}+`) };
      },
    });
    const repositories = open(refresh("first"));
    await Promise.all(["a", "b", "c"].map((name) => repositories(`${registry.host}/${name}`).listTags(ctx)));
    expect(service.asked.map(({ form }) => spent(form))).toEqual(["first", "first+", "first++"]);
    expect(registry.requests.every(({ url }) => !url.includes("first"))).toBe(true);
  });

  it("that replaced another and is refused gives way to what the file says", async () => {
    const registry = await start();
    const service = wantBearer(registry, "https", {
      expiresIn: 1,
      grants: ({ form }) => (spent(form) === "mine" ? { refresh_token: "lost" } : 401),
    });
    const clock = manualClock(1_000_000);
    const clocked = testCtx({ clock });
    const repository = open(refresh("mine"))(`${registry.host}/a`);
    await repository.listTags(clocked);
    clock.advance(2000);
    await expect(repository.listTags(clocked)).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
    await repository.listTags(clocked);
    expect(service.asked.map(({ form }) => spent(form))).toEqual(["mine", "lost", "mine"]);
  });
});

describe("a layer on its way when its token ends", () => {
  const bytes = Buffer.alloc(1_000_000, "layer");
  const blob = { mediaType: MEDIA_TYPE.ociLayerGzip, digest: digestOf(bytes), size: bytes.byteLength };

  it.each([
    ["by a copy, which reads it again", 1, true],
    ["not for ever", 99, false],
  ])("is sent with another token %s", async (_how, refusals, done) => {
    const registry = await start();
    const service = wantBearer(registry, "https");
    const inner = registry.fault;
    let refused = 0;
    registry.fault = (request, response) => {
      if (request.method !== "PUT" || refused >= refusals) return inner(request, response);
      refused++;
      request.resume();
      const challenge = `Bearer realm="https://${registry.host}/token",service="the service"`;
      return answer(response, 401, {}, { "www-authenticate": challenge });
    };
    const source = createMemoryRepository("source.test/app");
    await source.writeBlob(ctx, blob, bytes);
    const target = open(async () => found(me))(`${registry.host}/app`, "write");
    const code = await codeOfPromise(copyBlob(ctx, openRoute(source, target), blob));
    expect(code).toBe(done ? undefined : "AUTH_REQUIRED");
    expect(registry.blobs.has(`app@${blob.digest}`)).toBe(done);
    expect(service.asked.length).toBeGreaterThan(1);
  });

  it("is pulled on from where it was", async () => {
    const registry = await start();
    const service = wantBearer(registry, "https", { accepts: (token) => token !== "t1" || pulls === 0 });
    const inner = registry.fault;
    let pulls = 0;
    registry.blobs.set(`app@${blob.digest}`, bytes);
    registry.fault = async (request, response) => {
      if (request.url?.includes("/blobs/") !== true || request.headers.authorization !== "Bearer t1" || pulls > 0)
        return inner(request, response);
      response.writeHead(200, { "content-length": bytes.byteLength });
      response.write(bytes.subarray(0, 400_000), () => setTimeout(() => response.destroy(), 20));
      pulls++;
      return true;
    };
    const pulled = open(async () => found(me))(`${registry.host}/app`).readBlob(ctx, blob);
    expect((await readAll(pulled, blob.size, "layer")).equals(bytes)).toBe(true);
    expect(service.asked).toHaveLength(2);
    const ranges = registry.requests.map(({ headers }) => headers.range).filter((range) => range !== undefined);
    expect(new Set(ranges)).toEqual(new Set(["bytes=400000-"]));
  });
});
