import { readFile, readdir } from "node:fs/promises";
import type { TarSource } from "#archive/tarSource.ts";

/** What the machine's package manager knows about some files, reduced to their packages. */
export interface PackageRecords {
  /** Names of the packages that own one of the files. */
  readonly packages: readonly string[];
  readonly entries: readonly TarSource[];
}

const DPKG = "var/lib/dpkg";
const APK = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/**
 * Package records for exactly the packages that own these files (paths without leading slash): dpkg's go one by one into
 * `var/lib/dpkg/status.d`, as in Debian's distroless images; apk's into an `installed` that lists these files alone. So an
 * image of a few files tells the truth about where they are from. Nothing where there is neither database. `root` is the
 * machine's, with its trailing slash.
 */
export const readPackageRecords = async (paths: readonly string[], root = "/"): Promise<PackageRecords> => {
  const wanted = new Set(paths.flatMap(spellings));
  const dpkg = await readDpkg(wanted, `${root}${DPKG}`);
  return dpkg.packages.length > 0 ? dpkg : await readApk(wanted, root);
};

// dpkg's lists keep the name from before /usr was merged: /lib/x and /usr/lib/x are one file.
const spellings = (path: string): readonly string[] =>
  path.startsWith("usr/") ? [path, path.slice("usr/".length)] : [path];

const readDpkg = async (wanted: ReadonlySet<string>, home: string): Promise<PackageRecords> => {
  const owners = await findDpkgOwners(wanted, home);
  if (owners.length === 0) return { packages: [], entries: [] };
  const status = await readText(`${home}/status`);
  const records = new Map(status.split(/\n\n+/).flatMap((record) => namesOf(record).map((name) => [name, record])));
  const known = owners.flatMap((owner) => {
    const record = records.get(owner);
    return record === undefined ? [] : [{ owner, record: `${record.trimEnd()}\n` }];
  });
  const entries = known.map(async ({ owner, record }) => {
    const sums = (await readText(`${home}/info/${owner}.md5sums`))
      .split("\n")
      .filter((line) => wanted.has(line.slice(34)));
    const place = `${DPKG}/status.d/${bareName(owner)}`;
    return [
      textSource(place, record),
      ...(sums.length === 0 ? [] : [textSource(`${place}.md5sums`, `${sums.join("\n")}\n`)]),
    ];
  });
  return { packages: known.map(({ owner }) => bareName(owner)), entries: (await Promise.all(entries)).flat() };
};

/** Names as in `info/NAME.list`: `libc6:amd64` where a package is of an architecture that others may stand beside. */
const findDpkgOwners = async (wanted: ReadonlySet<string>, home: string): Promise<readonly string[]> => {
  const names = await readdir(`${home}/info`).catch(() => []);
  const owners: string[] = [];
  for (const name of names.filter((one) => one.endsWith(".list")).toSorted()) {
    const files = (await readText(`${home}/info/${name}`)).split("\n");
    if (files.some((file) => wanted.has(file.slice(1)))) owners.push(name.slice(0, -".list".length));
  }
  return owners;
};

const namesOf = (record: string): readonly string[] => {
  const name = /^Package: (\S+)$/m.exec(record)?.[1];
  const architecture = /^Architecture: (\S+)$/m.exec(record)?.[1];
  return name === undefined ? [] : [name, `${name}:${architecture}`];
};

const bareName = (owner: string): string => owner.split(":", 1)[0] ?? owner;

const readApk = async (wanted: ReadonlySet<string>, root: string): Promise<PackageRecords> => {
  for (const place of APK) {
    const records = (await readText(`${root}${place}`)).split(/\n\n+/).map((record) => reduceApk(record, wanted));
    const kept = records.filter((record) => record !== undefined);
    if (kept.length > 0) {
      const installed = kept.map((record) => `${record.text}\n\n`).join("");
      return { packages: kept.map((record) => record.name), entries: [textSource(place, installed)] };
    }
  }
  return { packages: [], entries: [] };
};

/** One record of apk's database with the `F:` folders and `R:` files of `wanted` alone; undefined when there are none. */
const reduceApk = (record: string, wanted: ReadonlySet<string>): { name: string; text: string } | undefined => {
  const name = /^P:(.+)$/m.exec(record)?.[1];
  const [head = "", ...folders] = record.split(/\n(?=F:)/);
  const kept = folders.flatMap((folder) => {
    // Lines that follow a folder or a file (M:, a:, Z:) belong to it.
    const [top = "", ...files] = folder.split(/\n(?=R:)/);
    const path = top.split("\n", 1)[0]?.slice("F:".length) ?? "";
    const found = files.filter((file) => wanted.has(`${path}/${file.split("\n", 1)[0]?.slice("R:".length)}`));
    return found.length === 0 ? [] : [top, ...found];
  });
  return name === undefined || kept.length === 0 ? undefined : { name, text: [head, ...kept].join("\n").trimEnd() };
};

const textSource = (path: string, text: string): TarSource => {
  const bytes = Buffer.from(text);
  return {
    path,
    type: "file",
    mode: 0o644,
    size: bytes.length,
    open: async function* () {
      yield bytes;
    },
  };
};

const readText = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
