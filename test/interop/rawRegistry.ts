import { fail } from "node:assert/strict";
import { createHash } from "node:crypto";

/** A registry's repository by plain requests: what is there, without the words of the program under test. */
export interface RawRepository {
  readonly readManifest: (name: string) => Promise<RawDocument | undefined>;
  readonly readBlob: (digest: string) => Promise<Buffer>;
  readonly writeBlob: (bytes: Uint8Array) => Promise<{ readonly digest: string; readonly size: number }>;
  readonly writeManifest: (name: string, document: RawDocument) => Promise<void>;
  /** Digests that the referrers API or the fallback tag lists. */
  readonly listReferrers: (subject: string) => Promise<readonly string[]>;
}

export interface RawDocument {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const ACCEPT = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

export const sha256 = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** `name`: HOST/REPOSITORY on a loopback registry that speaks plain http. */
export const openRawRepository = (name: string): RawRepository => {
  const slash = name.indexOf("/");
  const origin = `http://${name.slice(0, slash)}`;
  const base = `${origin}/v2/${name.slice(slash + 1)}`;

  const readManifest: RawRepository["readManifest"] = async (tag) => {
    const answer = await fetch(`${base}/manifests/${tag}`, { headers: { accept: ACCEPT } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) fail(`GET ${tag} of ${name}: ${answer.status} ${bytes.toString()}`);
    return { mediaType: answer.headers.get("content-type")?.split(";")[0] ?? "", bytes };
  };

  return {
    readManifest,
    readBlob: async (digest) => {
      const answer = await fetch(`${base}/blobs/${digest}`);
      if (answer.status !== 200) fail(`GET blob ${digest} of ${name}: ${answer.status}`);
      return Buffer.from(await answer.arrayBuffer());
    },
    writeBlob: async (bytes) => {
      const digest = sha256(bytes);
      const started = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
      const place = new URL(started.headers.get("location") ?? fail(`no upload of ${name}: ${started.status}`), origin);
      place.searchParams.set("digest", digest);
      const ended = await fetch(place, {
        method: "PUT",
        body: new Uint8Array(bytes),
        headers: { "content-type": "application/octet-stream" },
      });
      if (ended.status !== 201) fail(`PUT blob of ${name}: ${ended.status} ${await ended.text()}`);
      return { digest, size: bytes.byteLength };
    },
    writeManifest: async (tag, { mediaType, bytes }) => {
      const answer = await fetch(`${base}/manifests/${tag}`, {
        method: "PUT",
        body: new Uint8Array(bytes),
        headers: { "content-type": mediaType },
      });
      if (answer.status !== 201) fail(`PUT ${tag} of ${name}: ${answer.status} ${await answer.text()}`);
    },
    listReferrers: async (subject) => {
      const answer = await fetch(`${base}/referrers/${subject}`);
      if (answer.status === 200) return readDigests(Buffer.from(await answer.arrayBuffer()));
      const fallback = await readManifest(subject.replace(":", "-"));
      return fallback === undefined ? [] : readDigests(fallback.bytes);
    },
  };
};

const readDigests = (index: Uint8Array): readonly string[] => {
  const { manifests } = JSON.parse(Buffer.from(index).toString()) as {
    readonly manifests?: readonly { readonly digest: string }[] | null;
  };
  return (manifests ?? []).map((one) => one.digest);
};
