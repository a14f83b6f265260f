import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { binaryClassifier } from "#sbom/cataloger/binaryClassifier.ts";
import { scan, scanInput } from "../fakes/scanBench.ts";
import { succeed } from "./run.ts";
import { openWorkspace } from "./workspace.ts";

// Whole programs out of Debian's packages, without its database, as images have them that compile from source.

const workspace = openWorkspace();
afterAll(() => workspace[Symbol.dispose]());

/** Package, program in it, product. */
const PROGRAMS: readonly (readonly [string, string, string])[] = [
  ["bash", "bash", "bash"],
  ["busybox-static", "busybox", "busybox"],
  ["curl", "curl", "curl"],
  ["git", "git", "git"],
  ["haproxy", "haproxy", "haproxy"],
  ["libc6", "libc.so.6", "glibc"],
  ["libssl3", "libcrypto.so.3", "openssl"],
  ["lighttpd", "lighttpd", "lighttpd"],
  ["memcached", "memcached", "memcached"],
  ["nginx", "nginx", "nginx"],
  ["openssh-client", "ssh", "openssh"],
  ["perl-base", "perl", "perl"],
  ["redis-tools", "redis-check-rdb", "redis"],
  ["wget", "wget", "wget"],
  ["zlib1g", "libz.so.1.2.13", "zlib"],
];

const isFile = (path: string): boolean => lstatSync(path).isFile();

const find = (folder: string, program: string): string => {
  const path = readdirSync(folder, { recursive: true, encoding: "utf8" }).find(
    (file) => /^(?:usr\/)?(?:s?bin|lib)\//.test(file) && file.endsWith(`/${program}`) && isFile(join(folder, file)),
  );
  if (path === undefined) throw new TypeError(`${program} is not in ${folder}`);
  return path;
};

describe("programs of Debian's packages", () => {
  it.each(PROGRAMS)("%s: the version that dpkg says of it", async (name, program, product) => {
    await succeed("apt-get", ["download", "-qq", name], { cwd: workspace.path() });
    const deb = readdirSync(workspace.path()).find((file) => file.startsWith(`${name}_`)) ?? "";
    const folder = workspace.path(name);
    await succeed("dpkg-deb", ["-x", deb, folder], { cwd: workspace.path() });
    const version = (await succeed("dpkg-deb", ["-f", deb, "Version"], { cwd: workspace.path() })).trim();
    const path = find(folder, program);
    const input = scanInput([[{ name: path, body: readFileSync(join(folder, path)) }]]);
    const { packages, unknowns } = await scan(input, { catalogers: [binaryClassifier] });
    expect(unknowns).toEqual([]);
    // Debian writes epoch:upstream-revision, with its own marks behind the upstream version.
    const upstream = version.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
    expect(packages.map((one) => [one.name, upstream.startsWith(`${one.version}`)])).toEqual([[product, true]]);
  });
});
