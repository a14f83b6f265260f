import { readFile, stat } from "node:fs/promises";
import { arch, platform } from "node:process";
import type { TarSource } from "#archive/tarSource.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Platform } from "#core/descriptor.ts";
import { listSharedLibraries } from "#host/listSharedLibraries.ts";
import { readPackageRecords } from "#host/packageRecords.ts";
import { collectProgramFiles } from "#host/programFiles.ts";
import { fileSource, tracePath } from "#host/tracePath.ts";

/** Everything that an image of the running program is built of. */
export interface QuickstartFiles {
  readonly layers: readonly { readonly comment: string; readonly entries: readonly TarSource[] }[];
  readonly settings: {
    readonly entrypoint: readonly string[];
    readonly env: readonly string[];
    readonly workingDir: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly created: string;
  };
  readonly platform: Platform;
  /** What is missing on this machine, for people; empty on Linux. */
  readonly notes: readonly string[];
}

// Debian and Alpine, Fedora, BSD-like: the first that is there.
const CERTIFICATES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
// glibc before 2.34 opens these by name when a host name is looked up; ldd does not know.
const OPENED_LATER = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"];
// Where every loader looks by itself: the plain folders and Debian's multi-arch ones.
const DEFAULT_FOLDER = /^(?:\/usr)?\/lib(?:32|64)?(?:\/[a-z0-9_]+-linux-[a-z0-9]+)?$/;

/**
 * Real files of this machine for an image that a container engine could run: the running Node with its loader and
 * libraries, the distribution's name and certificates, the records of exactly the OS packages that own these, and the
 * program installed at `packageRoot` with its npm packages. Off Linux there is no base layer, and a note says so.
 */
export const collectQuickstartFiles = async (ctx: Ctx, packageRoot: string): Promise<QuickstartFiles> => {
  const libraries = await listSharedLibraries(ctx);
  const base = platform === "linux" ? await collectBase(libraries) : [];
  const node = fileSource("usr/local/bin/node", process.execPath, await stat(process.execPath));
  const { program, packages } = await collectProgramFiles(packageRoot);
  const layers = [
    { comment: "base: dynamic loader, shared libraries, distribution", entries: base },
    { comment: `node ${process.version}`, entries: [{ ...node, mode: 0o755 }] },
    { comment: "npm packages of the program", entries: packages },
    { comment: "program", entries: program },
  ];
  return {
    layers: layers.filter((layer) => layer.entries.length > 0),
    settings: await readSettings(packageRoot, libraries),
    platform: { os: platform === "win32" ? "windows" : platform, ...machine() },
    notes:
      base.length > 0
        ? []
        : [`no system libraries are collected on ${platform}: the image is complete, but does not run`],
  };
};

const collectBase = async (libraries: readonly string[]): Promise<readonly TarSource[]> => {
  const certificates = await firstFound(CERTIFICATES);
  const folder = libraries.find((path) => path.endsWith("/libc.so.6"))?.replace(/\/[^/]+$/, "");
  const later = folder === undefined ? [] : OPENED_LATER.map((name) => `${folder}/${name}`);
  const traced = await traceAll([...libraries, ...later, "/etc/os-release", ...certificates]);
  const records = await readPackageRecords(traced.filter((entry) => entry.type === "file").map((entry) => entry.path));
  const licences = await traceAll(records.packages.map((name) => `/usr/share/doc/${name}/copyright`));
  return unite([...traced, ...licences, ...records.entries, { path: "tmp", type: "directory", mode: 0o1777 }]);
};

const firstFound = async (paths: readonly string[]): Promise<readonly string[]> => {
  for (const path of paths) if ((await tracePath(path)).length > 0) return [path];
  return [];
};

const traceAll = async (paths: readonly string[]): Promise<readonly TarSource[]> =>
  unite((await Promise.all(paths.map((path) => tracePath(path)))).flat());

/** Many paths lead over the same links. */
const unite = (entries: readonly TarSource[]): readonly TarSource[] => [
  ...new Map(entries.map((entry) => [entry.path, entry])).values(),
];

const readSettings = async (root: string, libraries: readonly string[]): Promise<QuickstartFiles["settings"]> => {
  const text = await readFile(`${root}/package.json`, "utf8");
  const { version, license } = JSON.parse(text) as { readonly version: string; readonly license: string };
  const folders = new Set(libraries.map((path) => path.replace(/\/[^/]+$/, "")));
  const unusual = [...folders].filter((folder) => !DEFAULT_FOLDER.test(folder));
  return {
    entrypoint: ["/usr/local/bin/node", "/app/bin/waybill.js"],
    env: [
      "PATH=/usr/local/bin:/usr/bin:/bin",
      ...(unusual.length === 0 ? [] : [`LD_LIBRARY_PATH=${unusual.join(":")}`]),
    ],
    workingDir: "/app",
    labels: {
      "org.opencontainers.image.title": "waybill",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": license,
    },
    // The time of the largest file, not of the clock: the same machine builds the same image.
    created: (await stat(process.execPath)).mtime.toISOString().replace(/\.\d+Z$/, "Z"),
  };
};

/** Go's names of architectures, which OCI uses. */
const machine = (): { readonly architecture: string; readonly variant?: string } => {
  if (arch === "arm") return { architecture: "arm", variant: "v7" };
  const names: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le", mipsel: "mipsle" };
  return { architecture: names[arch] ?? arch };
};
