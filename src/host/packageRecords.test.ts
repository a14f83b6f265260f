import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readAll } from "#core/verifiedBytes.ts";
import { readPackageRecords } from "#host/packageRecords.ts";

const roots: string[] = [];
afterEach(() => roots.splice(0).forEach((root) => rmSync(root, { recursive: true })));

const machine = (files: Readonly<Record<string, string>>): string => {
  const root = `${mkdtempSync(join(tmpdir(), "records-"))}/`;
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(`${root}${path}`), { recursive: true });
    writeFileSync(`${root}${path}`, text);
  }
  return root;
};

const read = async (root: string, ...paths: readonly string[]) => {
  const records = await readPackageRecords(paths, root);
  const texts: Record<string, string> = {};
  for (const entry of records.entries)
    if (entry.type === "file") texts[entry.path] = (await readAll(entry.open(), 1e6, entry.path)).toString();
  return { packages: records.packages, texts };
};

const LIBC = "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9\n";
const TZ = "Package: tzdata\nArchitecture: all\nVersion: 2024a\n";

describe("readPackageRecords", () => {
  it("copies dpkg's records of the owners alone, with the checksums of the files that are there", async () => {
    const root = machine({
      "var/lib/dpkg/status": `${TZ}\n${LIBC}\n`,
      "var/lib/dpkg/info/libc6:amd64.list": "/.\n/lib\n/lib/libc.so.6\n/lib/libm.so.6\n",
      "var/lib/dpkg/info/libc6:amd64.md5sums": `${"a".repeat(32)}  lib/libc.so.6\n${"b".repeat(32)}  lib/libm.so.6\n`,
      "var/lib/dpkg/info/tzdata.list": "/usr/share/zoneinfo/UTC\n",
    });
    // The list names the file as before /usr was merged.
    expect(await read(root, "usr/lib/libc.so.6")).toEqual({
      packages: ["libc6"],
      texts: {
        "var/lib/dpkg/status.d/libc6": LIBC,
        "var/lib/dpkg/status.d/libc6.md5sums": `${"a".repeat(32)}  lib/libc.so.6\n`,
      },
    });
  });

  it("reduces apk's database to the owners and the files that are there", async () => {
    const root = machine({
      "lib/apk/db/installed": [
        "C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\nZ:Q1y=\nR:libc.musl-x86_64.so.1\na:0:0:777\nF:etc\n",
        "P:busybox\nV:1.36\nF:bin\nR:busybox\n",
      ].join("\n"),
    });
    expect(await read(root, "lib/ld-musl-x86_64.so.1")).toEqual({
      packages: ["musl"],
      texts: {
        "lib/apk/db/installed":
          "C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\nZ:Q1y=\n\n",
      },
    });
  });

  it("has nothing to say where there is no package database or no owner", async () => {
    expect(await read(machine({}), "usr/lib/libc.so.6")).toEqual({ packages: [], texts: {} });
    const root = machine({ "var/lib/dpkg/status": LIBC, "var/lib/dpkg/info/libc6:amd64.list": "/lib/libc.so.6\n" });
    expect(await read(root, "opt/mine")).toEqual({ packages: [], texts: {} });
  });
});
