import { hashSync } from "bcryptjs";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { request } from "node:https";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { comparePassword } from "#registry/server/comparePassword.ts";
import { heedPace } from "#registry/server/heedPace.ts";
import { LOOPBACK_TLS } from "../../../test/fakes/loopbackTls.ts";
import { benchRegistry, faultOf, imageOf, MANIFEST_HEADERS } from "../../../test/fakes/registryBench.ts";

const bench = benchRegistry();
const { call } = bench;

const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});
const compare = async (password: string, hash: string): Promise<boolean> => comparePassword(password, hash);

/** A certificate for 127.0.0.1 with a key of its own. */
const makePair = (folder: string): { readonly cert: string; readonly key: string } => {
  mkdirSync(folder, { recursive: true });
  const pair = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  writeFileSync(pair.cert, LOOPBACK_TLS.cert);
  writeFileSync(pair.key, LOOPBACK_TLS.key);
  return pair;
};

const namesBelow = (dir: string): readonly string[] => readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();

/** Serial number of the certificate that a new connection is shown. */
const serialOf = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(`${url}/v2/`, { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume();
      resolve((answer.socket as TLSSocket).getPeerCertificate().serialNumber);
    });
    asked.once("error", reject).end();
  });

describe("users", () => {
  it("are asked for everything, and the file may change", async () => {
    const path = join(bench.root, "users");
    writeFileSync(path, `anna:${hashSync("one", 4)}\n`);
    const registry = await bench.start({ dir: join(bench.root, "users-dir"), htpasswd: { path, compare }, lookMs: 20 });
    const ask = (headers = {}, method = "GET", to = "/v2/", body?: string) =>
      call(method, registry.url + to, body, headers);
    const refused = await ask();
    expect([refused.status, await faultOf(refused)]).toEqual([401, "UNAUTHORIZED"]);
    expect(refused.headers.get("www-authenticate")).toMatch(/^Basic realm="/);
    const upload = `/v2/a/blobs/uploads/?digest=${digestOf("x")}`;
    for (const [method, to] of [
      ["GET", "/v2/_catalog"],
      ["POST", upload],
      ["GET", "/anything"],
    ] as const)
      expect((await ask(basic("anna", "two"), method, to, method === "POST" ? "x" : undefined)).status).toBe(401);
    expect((await ask(basic("anna", "one"), "POST", upload, "x")).status).toBe(201);

    writeFileSync(path, `bert:${hashSync("two", 4)}\n`);
    await expect.poll(async () => (await ask(basic("bert", "two"))).status, { timeout: 10_000 }).toBe(200);
    expect((await ask(basic("anna", "one"))).status).toBe(401);
    // What is no use does not lock everybody out, nor let anybody in.
    writeFileSync(path, "bert:plain\n");
    await expect.poll(() => bench.problems.some((line) => line.includes("the users kept as it was"))).toBe(true);
    expect((await ask(basic("bert", "two"))).status).toBe(200);
    expect((await ask(basic("bert", "plain"))).status).toBe(401);
    expect(bench.problems.join("\n")).not.toContain("plain");
    await registry.close();
  });

  it("must be hashed with bcrypt from the start", async () => {
    const path = join(bench.root, "weak-users");
    writeFileSync(path, "anna:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=\n");
    const dir = join(bench.root, "weak-dir");
    await expect(bench.start({ dir, htpasswd: { path, compare } })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(bench.start({ dir, htpasswd: { path: join(bench.root, "nowhere"), compare } })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});

describe("TLS", () => {
  it("opens any address, and takes a new certificate when the files change", async () => {
    const pair = makePair(join(bench.root, "tls"));
    const dir = join(bench.root, "tls-dir");
    const registry = await bench.start({ dir, tls: pair, lookMs: 20, listen: { host: "0.0.0.0", port: 0 } });
    const url = registry.url.replace("0.0.0.0", "127.0.0.1");
    expect(url).toMatch(/^https:/);
    const before = await serialOf(url);
    expect(bench.problems.join("\n")).toContain("whoever reaches 0.0.0.0 may read, push and delete");

    writeFileSync(pair.cert, "no certificate");
    await expect
      .poll(() => bench.problems.some((line) => line.includes("the TLS certificate kept as it was")))
      .toBe(true);
    expect(await serialOf(url)).toBe(before);
    const config = [
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      "/CN=next",
    ];
    execFileSync("openssl", ["req", ...config, "-keyout", pair.key, "-out", pair.cert], { stdio: "ignore" });
    await expect.poll(() => serialOf(url), { timeout: 10_000 }).not.toBe(before);
    await registry.close();
  });

  it.each([
    ["a key of another certificate", "key", "other"],
    ["no key", "key", "hello"],
    ["no certificate", "cert", "hello"],
  ] as const)("refuses %s at the start", async (_, file, text) => {
    const pair = makePair(join(bench.root, `tls-${file}-${text}`));
    if (text === "other") {
      execFileSync("openssl", ["genpkey", "-algorithm", "ED25519", "-out", pair.key], { stdio: "ignore" });
    } else writeFileSync(pair[file], text);
    const started = bench.start({ dir: join(bench.root, "tls-none"), tls: pair });
    await expect(started).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

describe("a registry that only reads", () => {
  it("serves what is there, beside one that writes, and writes nothing", async () => {
    const image = await bench.pushImage("only/read", "t");
    const before = namesBelow(bench.dir);
    const reader = await bench.start({ readOnly: true });
    expect((await call("GET", `${reader.url}/v2/only/read/manifests/${image}`)).status).toBe(200);
    expect((await call("GET", `${reader.url}/v2/not/there/tags/list`)).status).toBe(404);
    for (const [method, path] of [
      ["POST", "/v2/only/read/blobs/uploads/"],
      ["GET", "/v2/only/read/blobs/uploads/x"],
      ["PUT", "/v2/only/read/manifests/u"],
      ["DELETE", "/v2/only/read/manifests/t"],
      ["DELETE", `/v2/only/read/blobs/${digestOf("{}")}`],
    ] as const) {
      const refused = await call(method, reader.url + path);
      expect([refused.status, await faultOf(refused)]).toEqual([403, "DENIED"]);
    }
    await bench.pushImage("only/read", "later");
    expect((await call("GET", `${reader.url}/v2/only/read/manifests/later`)).status).toBe(200);
    await reader.close();
    const after = namesBelow(bench.dir);
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });

  it("needs a directory, and no right to write in it", async () => {
    const dir = join(bench.root, "frozen");
    await expect(bench.start({ dir, readOnly: true })).rejects.toMatchObject({ code: "NOT_FOUND" });
    mkdirSync(dir);
    chmodSync(dir, 0o555);
    const reader = await bench.start({ dir, readOnly: true });
    expect(await (await call("GET", `${reader.url}/v2/_catalog`)).json()).toEqual({ repositories: [] });
    await reader.close();
    expect(existsSync(join(dir, ".waybill"))).toBe(false);
  });
});

describe("a quota", () => {
  it("refuses what does not fit, keeps nothing of it, and sees what was deleted", async () => {
    const dir = join(bench.root, "small");
    const registry = await bench.start({ dir, maxSize: 100_000 });
    const push = (text: string, name = "one") =>
      call("POST", `${registry.url}/v2/${name}/blobs/uploads/?digest=${digestOf(text)}`, text);
    const large = "x".repeat(40_000);
    expect((await push(large)).status).toBe(201);
    expect((await push(large)).status).toBe(201);
    const refused = await push("y".repeat(70_000));
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      errors: [{ code: "DENIED", message: "the registry is full: it keeps at most 100000 bytes" }],
    });
    expect(readdirSync(join(dir, ".waybill", "uploads"))).toEqual([]);
    const chunked = (await call("POST", `${registry.url}/v2/one/blobs/uploads/`)).headers.get("location") ?? "";
    expect((await call("PATCH", registry.url + chunked, "y".repeat(70_000))).status).toBe(403);
    expect((await call("GET", registry.url + chunked)).headers.get("range")).toBe("0-0");
    // What another repository shares takes no more room.
    const mount = `${registry.url}/v2/two/blobs/uploads/?from=one&mount=${digestOf(large)}`;
    expect((await call("POST", mount)).status).toBe(201);
    const manifest = imageOf({ config: undefined, annotations: { of: "z".repeat(70_000) } });
    const put = await call("PUT", `${registry.url}/v2/one/manifests/t`, manifest, MANIFEST_HEADERS);
    expect([put.status, await faultOf(put)]).toEqual([403, "DENIED"]);
    await registry.close();

    const again = await bench.start({ dir, maxSize: 100_000 });
    const pushAgain = () =>
      call("POST", `${again.url}/v2/one/blobs/uploads/?digest=${digestOf("y".repeat(70_000))}`, "y".repeat(70_000));
    for (const name of ["one", "two"])
      expect((await call("DELETE", `${again.url}/v2/${name}/blobs/${digestOf(large)}`)).status).toBe(202);
    expect((await pushAgain()).status).toBe(201);
    await again.close();
  });
});

describe("a client that drips", () => {
  it("is let go of when it sends next to nothing", async () => {
    const cut = new Promise<string>((resolve) => {
      const server = createServer((incoming) => {
        void (async () => {
          try {
            for await (const _ of heedPace(incoming, { windowMs: 100, minBytes: 1000, lookMs: 10 })) continue;
            resolve("whole");
          } catch {
            resolve("cut");
          } finally {
            server.close();
          }
        })();
      });
      server.listen(0, "127.0.0.1", () => {
        const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
        socket.on("error", () => undefined);
        socket.write("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
        const drip = setInterval(() => socket.write("x"), 20);
        socket.on("close", () => clearInterval(drip));
      });
    });
    expect(await cut).toBe("cut");
  });
});
