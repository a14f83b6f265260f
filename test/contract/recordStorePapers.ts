import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import type { PackageRow } from "#records/packageList.ts";
import { codeOfPromise } from "../fakes/codeOfPromise.ts";
import { showPackages } from "../fakes/showPackages.ts";
import type { StoreBench } from "./recordStoreBench.ts";
import { IMAGE, sampleLiveEvent, samplePaper, sampleShape, sampleToken } from "./recordStoreSamples.ts";

const ALL = { limit: 100, after: undefined };

export const testPapers = ({ read, write }: StoreBench): void => {
  describe("papers, packages and documents", () => {
    it("keeps one paper of a claim, the last, for each tenant its own", async () => {
      const other = samplePaper({ key: digestOf("another key") });
      const predicate = { predicate: digestOf("p"), envelope: digestOf("e"), bundle: digestOf("b") };
      const later = samplePaper({ verifiedAt: 5, annotations: {}, kind: "attestation", ...predicate });
      await write(async ({ papers }) => {
        for (const paper of [samplePaper(), other, later, samplePaper({ tenant: "other" })]) await papers.put(paper);
        await papers.put(samplePaper({ subject: digestOf("another image") }));
      });
      const kept = await read(({ papers }) => papers.list("default", IMAGE.digest));
      expect(kept).toHaveLength(2);
      expect(kept).toEqual(expect.arrayContaining([later, other]));
      expect(await read(({ papers }) => papers.list("other", IMAGE.digest))).toEqual([
        samplePaper({ tenant: "other" }),
      ]);
      expect(await read(({ papers }) => papers.list("nobody", IMAGE.digest))).toEqual([]);
    });

    it("keeps what an image consists of, for each tenant its own", async () => {
      const find = (tenant: string, digest = IMAGE.digest) => read(({ images }) => images.find(tenant, digest));
      const index = sampleShape({
        tenant: "other",
        platform: undefined,
        layers: [],
        images: [{ digest: digestOf("child"), platform: "linux/amd64" }],
      });
      expect(await find("default")).toBeUndefined();
      await write(async ({ images }) => {
        await images.put(sampleShape({ platform: "gone", layers: [] }));
        await images.put(sampleShape());
        await images.put(index);
      });
      expect(await find("default")).toEqual(sampleShape());
      expect(await find("other")).toEqual(index);
      expect(await find("default", digestOf("another image"))).toBeUndefined();
    });

    it("replaces an image's packages, pages through them by purl and searches them", async () => {
      const row = (name: string): PackageRow => ({
        name,
        version: "1.0",
        type: "npm",
        purl: `pkg:npm/${name}@1.0`,
        licenses: "MIT",
      });
      const names = Array.from({ length: 450 }, (_, at) => `p${at}`);
      const sorted = ["LeftPad%_\\", ...names.toSorted()].map(row).toSorted((a, b) => (a.purl < b.purl ? -1 : 1));
      await write(async (records) => {
        await showPackages(records, "default", IMAGE.digest, [row("gone")]);
        await showPackages(records, "default", IMAGE.digest, sorted);
        await showPackages(records, "other", IMAGE.digest, [row("theirs")]);
      });
      const list = (text: string | undefined, limit: number, after?: string) =>
        read(({ packages }) => packages.list("default", IMAGE.digest, text, { limit, after }));
      const all: PackageRow[] = [];
      for (let page = await list(undefined, 100); page.length > 0; page = await list(undefined, 100, all.at(-1)?.purl))
        all.push(...page);
      expect(all).toEqual(sorted);
      expect((await list(undefined, 2, "pkg:npm/p10@0")).map((one) => one.name)).toEqual(["p10", "p110"]);
      const found = async (text: string) => (await list(text, 10)).map((one) => one.name);
      expect(await found("LEFT")).toEqual(["LeftPad%_\\"]);
      expect(await found("%_\\")).toEqual(["LeftPad%_\\"]);
      expect(await found("npm/p44")).toEqual([...names.slice(440), "p44"].slice(0, 10));
      expect(await found("theirs")).toEqual([]);
      expect(await codeOfPromise(list("x".repeat(5000), 10))).toBe("LIMIT_EXCEEDED");
    });

    it("shows a list of packages when it is whole, and removes those that nobody sees, in pieces", async () => {
      const rows = ["a", "b", "c", "d"].map((name) => ({ name, version: "", type: "npm", purl: name, licenses: "" }));
      const [old, next] = ["1", "2"].map((id) => ({
        id,
        tenant: "default",
        subject: IMAGE.digest,
        total: 9,
        listed: 4,
      }));
      if (old === undefined || next === undefined) throw new TypeError("no lists");
      const find = () => read(({ packages }) => packages.find("default", IMAGE.digest));
      const namesOf = async () => {
        const listed = await read(({ packages }) => packages.list("default", IMAGE.digest, undefined, ALL));
        return listed.map(({ name }) => name);
      };
      await write(({ packages }) => packages.begin(old, 1000));
      await write(({ packages }) => packages.append("1", 0, rows.slice(0, 2)));
      expect([await find(), await namesOf()]).toEqual([undefined, []]);
      await write(({ packages }) => packages.append("1", 2, rows.slice(2)));
      await write(({ packages }) => packages.show(old, 2000));
      expect([await find(), await namesOf()]).toEqual([old, ["a", "b", "c", "d"]]);
      await write(({ packages }) => packages.begin(next, 3000));
      expect(await find()).toEqual(old);
      expect(await write(({ packages }) => packages.prune(3000, 10))).toBe(false);
      await write(({ packages }) => packages.show(next, 4000));
      expect([await find(), await namesOf()]).toEqual([next, []]);
      expect(await write(({ packages }) => packages.prune(4000, 10))).toBe(false);
      const prune = () => write(({ packages }) => packages.prune(4001, 3));
      expect([await prune(), await prune(), await prune()]).toEqual([true, true, false]);
      expect(await codeOfPromise(write(({ packages }) => packages.show(old, 5000)))).toBe("STORE_FAILED");
      expect(await find()).toEqual(next);
    });

    it("keeps a document's bytes under their digest, and no others", async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
      const document = { digest: digestOf(bytes), mediaType: "application/json", bytes };
      await write(async ({ documents }) => {
        await documents.put(document);
        await documents.put({ ...document, mediaType: "text/html" });
        await documents.put({ digest: digestOf(""), mediaType: "text/plain", bytes: new Uint8Array() });
      });
      expect(await read(({ documents }) => documents.get(document.digest))).toEqual(document);
      expect((await read(({ documents }) => documents.get(digestOf(""))))?.bytes).toEqual(new Uint8Array());
      expect(await read(({ documents }) => documents.get(digestOf("none")))).toBeUndefined();
      const lie = { ...document, digest: digestOf("else") };
      expect(await codeOfPromise(write(({ documents }) => documents.put(lie)))).toBe("DIGEST_MISMATCH");
    });
  });

  describe("tokens", () => {
    it("are found by hash, and by id for their tenant alone; a revoked one stays revoked", async () => {
      expect(await read(({ tokens }) => tokens.isEmpty())).toBe(true);
      const other = sampleToken({ id: "token-2", tenant: "other", hash: "0b".repeat(32), expiresAt: undefined });
      await write(async ({ tokens }) => {
        await tokens.insert(sampleToken());
        await tokens.insert(other);
      });
      expect(await read(({ tokens }) => tokens.isEmpty())).toBe(false);
      expect(await read(({ tokens }) => tokens.findByHash(other.hash))).toEqual(other);
      expect(await read(({ tokens }) => tokens.findByHash("0c"))).toBeUndefined();
      expect(await read(({ tokens }) => tokens.find("default", "token-1"))).toEqual(sampleToken());
      expect(await read(({ tokens }) => tokens.find("default", "token-2"))).toBeUndefined();
      expect(await codeOfPromise(write(({ tokens }) => tokens.revoke("default", "token-2", 5)))).toBe("STORE_FAILED");
      expect(await read(({ tokens }) => tokens.find("other", "token-2"))).toEqual(other);
      await write(({ tokens }) => tokens.revoke("default", "token-1", 5));
      await write(({ tokens }) => tokens.revoke("default", "token-1", 6));
      expect(await read(({ tokens }) => tokens.find("default", "token-1"))).toEqual(sampleToken({ revokedAt: 5 }));
      expect(await codeOfPromise(write(({ tokens }) => tokens.insert(sampleToken({ id: "same-hash" }))))).toBe(
        "STORE_FAILED",
      );
    });

    it("are listed newest first, in pieces, for their tenant alone", async () => {
      await write(async ({ tokens }) => {
        for (const id of ["1", "2", "3"]) await tokens.insert(sampleToken({ id, hash: id }));
        await tokens.insert(sampleToken({ id: "4", hash: "4", tenant: "other" }));
      });
      const ids = (limit: number, after?: string) =>
        read(async ({ tokens }) => (await tokens.list("default", { limit, after })).map((one) => one.id));
      expect(await ids(2)).toEqual(["3", "2"]);
      expect(await ids(2, "2")).toEqual(["1"]);
    });
  });

  describe("live events", () => {
    it("grow in number, even after the earlier ones are forgotten", async () => {
      expect(await read(({ events }) => events.last())).toBe(0);
      const [first, second, third] = await write(async ({ events }) => [
        await events.append(sampleLiveEvent()),
        await events.append(sampleLiveEvent({ tenant: "other", at: 2000 })),
        await events.append(
          sampleLiveEvent({ at: 3000, kind: "key", app: undefined, build: undefined, operation: "operation-1" }),
        ),
      ]);
      expect([first?.seq, second?.seq, third?.seq]).toEqual([1, 2, 3]);
      expect(await read(({ events }) => events.list("default", 0, 9))).toEqual([first, third]);
      expect(await read(({ events }) => events.list("default", 0, 1))).toEqual([first]);
      expect(await read(({ events }) => events.list("default", 1, 9))).toEqual([third]);
      expect(await read(({ events }) => events.list("nobody", 0, 9))).toEqual([]);
      await write(({ events }) => events.prune(3000));
      expect(await read(({ events }) => events.list("other", 0, 9))).toEqual([]);
      expect(await read(({ events }) => events.list("default", 0, 9))).toEqual([third]);
      await write(({ events }) => events.prune(9000));
      expect(await read(({ events }) => events.last())).toBe(3);
      expect((await write(({ events }) => events.append(sampleLiveEvent()))).seq).toBe(4);
    });
  });

  describe("kept replies", () => {
    it("are replaced, removed and forgotten, for their tenant alone", async () => {
      const begun = { tenant: "default", key: "k", request: "hash", reply: undefined, createdAt: 1000 };
      const ended = { ...begun, reply: { status: 202, location: "/v1/operations/1", body: "{}" } };
      const find = (tenant: string, key: string) => read(({ replies }) => replies.find(tenant, key));
      await write(async ({ replies }) => {
        await replies.put(begun);
        await replies.put({ ...ended, tenant: "other", reply: { status: 204, location: undefined, body: "" } });
      });
      expect(await find("default", "k")).toEqual(begun);
      await write(({ replies }) => replies.put(ended));
      expect(await find("default", "k")).toEqual(ended);
      expect((await find("other", "k"))?.reply).toEqual({ status: 204, location: undefined, body: "" });
      await write(({ replies }) => replies.remove("default", "k"));
      expect(await find("default", "k")).toBeUndefined();
      await write(({ replies }) => replies.prune(1000));
      expect(await find("other", "k")).toBeDefined();
      await write(({ replies }) => replies.prune(1001));
      expect(await find("other", "k")).toBeUndefined();
    });
  });
};
