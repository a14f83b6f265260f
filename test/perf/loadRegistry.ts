import { createHash, randomBytes } from "node:crypto";
import { request, Agent } from "node:http";
import { fail } from "node:assert/strict";

// `node loadRegistry.ts push|pull HOST/REPOSITORY CLIENTS BLOBS BYTES`: pushes or pulls the same blobs with so many clients
// at once, each on a connection of its own; prints the milliseconds. A process of its own: it must not share the thread of
// whoever measures.

const [verb = "", name = "", clients = "1", count = "1", size = "1"] = process.argv.slice(2);
const slash = name.indexOf("/");
const [host, repository] = [name.slice(0, slash), name.slice(slash + 1)];
const bytes = Number(size);
const agent = new Agent({ keepAlive: true, maxSockets: Number(clients) });

// One random buffer, other in its first bytes for each blob: what is measured is the registry, not the making of bytes.
const body = randomBytes(bytes);
const blobOf = (index: number): Buffer => {
  const head = createHash("sha256").update(`${name} ${index}`).digest();
  return Buffer.concat([head.subarray(0, Math.min(32, bytes)), body.subarray(Math.min(32, bytes))]);
};

const call = (
  method: string,
  path: string,
  sent?: Uint8Array,
): Promise<{ status: number; location: string; received: number }> =>
  new Promise((resolve, reject) => {
    const headers =
      sent === undefined ? {} : { "content-length": sent.byteLength, "content-type": "application/octet-stream" };
    const asked = request(
      { agent, host: host.split(":")[0], port: host.split(":")[1], method, path, headers },
      (answer) => {
        let received = 0;
        answer.on("data", (chunk: Buffer) => (received += chunk.byteLength));
        answer.once("error", reject);
        answer.once("end", () =>
          resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? "", received }),
        );
      },
    );
    asked.once("error", reject);
    asked.end(sent);
  });

const push = async (blob: Buffer, digest: string): Promise<void> => {
  const begun = await call("POST", `/v2/${repository}/blobs/uploads/`, Buffer.alloc(0));
  const place = new URL(begun.location, `http://${host}`);
  place.searchParams.set("digest", digest);
  const { status } = await call("PUT", place.pathname + place.search, blob);
  if (status !== 201) fail(`PUT answered ${status}`);
};

const pull = async (digest: string): Promise<void> => {
  const { status, received } = await call("GET", `/v2/${repository}/blobs/${digest}`);
  if (status !== 200 || received !== bytes) fail(`GET answered ${status} and ${received} bytes`);
};

/** The digests are of the pushes before; told on stdin they need not be counted again. */
const readDigests = async (): Promise<readonly string[]> => {
  let text = "";
  for await (const chunk of process.stdin) text += String(chunk);
  return text.split("\n").filter((line) => line !== "");
};

const blobs = verb === "push" ? Array.from({ length: Number(count) }, (_, index) => blobOf(index)) : [];
const digests =
  verb === "push"
    ? blobs.map((blob) => `sha256:${createHash("sha256").update(blob).digest("hex")}`)
    : await readDigests();
const waiting = digests.map((digest, index) => ({ digest, index }));
const work = async (): Promise<void> => {
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
    await (verb === "push" ? push(blobs[one.index] ?? fail(), one.digest) : pull(one.digest));
};
const begun = performance.now();
await Promise.all(Array.from({ length: Number(clients) }, work));
const milliseconds = performance.now() - begun;
agent.destroy();
process.stdout.write(`${JSON.stringify({ milliseconds, digests })}\n`);
