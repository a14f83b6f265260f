import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { startRegistry } from "#registry/server/startRegistry.ts";
import type { RunningRegistry } from "#registry/server/startRegistry.ts";
import { startFaultRegistry } from "../../../test/fakes/faultRegistry.ts";
import { LOOPBACK_TLS } from "../../../test/fakes/loopbackTls.ts";
import { always, openTestClient } from "../../../test/fakes/openTestClient.ts";
import { testCtx } from "../../../test/fakes/testCtx.ts";
import { me, wantBearer } from "../../../test/fakes/tokenService.ts";

const ctx = testCtx();
const bytes = Buffer.from("shared by two repositories");
const blob = { digest: digestOf(bytes), size: bytes.length };

let dir = "";
let registry: RunningRegistry | undefined;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "waybill-mount-"));
  registry = await startRegistry({ dir, listen: { host: "127.0.0.1", port: 0 }, log: () => {} });
});
afterAll(async () => {
  await registry?.close();
  rmSync(dir, { recursive: true });
});

describe("mountBlob", () => {
  it("takes a blob over from another repository of the registry", async () => {
    const open = openTestClient();
    const [from, to] = [open(`${registry?.address}/a/from`), open(`${registry?.address}/b/to`)];
    await from.writeBlob(ctx, blob, bytes);
    expect(await to.mountBlob?.(ctx, blob, from)).toBe(true);
    expect((await readAll(to.readBlob(ctx, blob), 100, "blob")).equals(bytes)).toBe(true);
  });

  it("leaves it to a push where the registry does not mount, asks that once, and gives the upload back", async () => {
    const without = await startFaultRegistry();
    const open = openTestClient();
    const [from, to] = [open(`${without.host}/a/from`), open(`${without.host}/b/to`)];
    for (let round = 0; round < 3; round++) expect(await to.mountBlob?.(ctx, blob, from)).toBe(false);
    const uploads = without.requests.filter(({ url }) => url.includes("/blobs/uploads/"));
    expect(uploads.map(({ method }) => method)).toEqual(["POST", "DELETE"]);
    expect(uploads[0]?.url).toBe(`/v2/b/to/blobs/uploads/?mount=${encodeURIComponent(blob.digest)}&from=a%2Ffrom`);
    await without.close();
  });

  it("asks no registry for what lies in another one", async () => {
    const other = await startFaultRegistry();
    const open = openTestClient();
    expect(await open(`${other.host}/b/to`).mountBlob?.(ctx, blob, open("elsewhere.test/a/from"))).toBe(false);
    expect(other.requests).toEqual([]);
    await other.close();
  });

  const mountWith = async (grants: (scopes: readonly string[]) => object | number) => {
    const guarded = await startFaultRegistry({ tls: LOOPBACK_TLS });
    const service = wantBearer(guarded, "https", { grants: ({ query }) => grants(query.getAll("scope")) });
    const open = openTestClient({ ca: LOOPBACK_TLS.cert, credentials: always(me) });
    const [from, to] = [open(`${guarded.host}/a/from`), open(`${guarded.host}/b/to`, "write")];
    const mounted = await to.mountBlob?.(ctx, blob, from);
    await to.writeBlob(ctx, blob, bytes);
    const scopes = service.asked.map(({ query }) => query.getAll("scope"));
    await guarded.close();
    return { mounted, scopes, written: guarded.blobs.has(`b/to@${blob.digest}`) };
  };
  const BOTH = ["repository:b/to:pull,push", "repository:a/from:pull"];
  const ONE = BOTH.slice(0, 1);

  it("asks for a token that reads the source as well, and for the mount alone", async () => {
    expect((await mountWith(() => ({}))).scopes).toEqual([BOTH, ONE]);
  });

  it.each([401, 403, 400])("leaves it to a push where no token for both is to be had (%i)", async (status) => {
    const outcome = await mountWith((scopes) => (scopes.length > 1 ? status : {}));
    expect(outcome).toMatchObject({ mounted: false, written: true });
  });
});
