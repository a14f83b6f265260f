import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { osRelease } from "#sbom/cataloger/osRelease.ts";
import { rpm } from "#sbom/cataloger/rpm.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";
import {
  checkpoint,
  createPackages,
  hashDatabase,
  insertPackages,
  ndbDatabase,
  sqliteStates,
} from "../../../test/fakes/rpmDatabases.ts";
import { packHeader, rpmHeader } from "../../../test/fakes/rpmHeaders.ts";
import type { RpmFacts } from "../../../test/fakes/rpmHeaders.ts";

const OS = { "etc/os-release": "ID=rhel\nVERSION_ID=9.4\n" };
const SQLITE = "var/lib/rpm/rpmdb.sqlite";
const HASH = "var/lib/rpm/Packages";
const NDB = "usr/lib/sysimage/rpm/Packages.db";

const catalog = (...layers: readonly FakeLayer[]): Findings =>
  rpm.catalog(fakeImage(layers, [osRelease, rpm], 4096).view);
const names = ({ packages }: Findings): readonly string[] =>
  packages.map(({ name, version }) => `${name} ${version ?? ""}`);
const headers = (...all: readonly RpmFacts[]): readonly Buffer[] => all.map(rpmHeader);
const ndb = (...all: readonly RpmFacts[]): FakeLayer => ({ ...OS, [NDB]: ndbDatabase(headers(...all)) });
const edges = (found: Findings): readonly string[] => {
  const short = (id: string): string => id.replace(/^pkg:rpm\/redhat\/([^?]*).*arch=([^&]*).*$/, "$1.$2");
  return found.edges.map(({ from, to }) => `${short(from)} -> ${short(to)}`);
};

describe("rpm", () => {
  it("describes an installed package", () => {
    const found = catalog(
      ndb({
        name: "nodejs",
        epoch: 1,
        version: "18.12.1",
        release: "2.el9",
        license: "MIT and ASL 2.0",
        vendor: "Red Hat, Inc.",
        packager: "somebody",
        summary: "JavaScript\nruntime",
        url: "http://nodejs.org/",
        sourceRpm: "nodejs-18.12.1-2.el9.src.rpm",
        module: "nodejs:18:8060020220523160029:ad008a3a",
        sha256: "ab".repeat(32),
      }),
    );
    const purl =
      "pkg:rpm/redhat/nodejs@18.12.1-2.el9?arch=x86_64&distro=rhel-9.4&epoch=1" +
      "&rpmmod=nodejs:18:8060020220523160029:ad008a3a&upstream=nodejs-18.12.1-2.el9.src.rpm";
    expect(found.packages).toEqual([
      {
        id: purl,
        purl,
        type: "rpm",
        name: "nodejs",
        namespace: "redhat",
        version: "1:18.12.1-2.el9",
        licenses: [{ expression: "MIT AND Apache-2.0" }],
        licenseSource: "License",
        supplier: "Red Hat, Inc.",
        description: "JavaScript runtime",
        homepage: "http://nodejs.org/",
        hashes: [{ algorithm: "SHA-256", hex: "ab".repeat(32) }],
        occurrences: [{ path: NDB, layer: 0 }],
        introducedIn: 0,
        foundBy: "rpm",
        properties: { source: "nodejs-18.12.1-2.el9.src.rpm", module: "nodejs:18:8060020220523160029:ad008a3a" },
      },
    ]);
    expect(found).toMatchObject({ completeness: "complete", unknowns: [] });
  });

  it("reads every kind of database, and leaves keys out", () => {
    const all = headers(
      { name: "a", filler: 20_000 },
      { name: "gpg-pubkey", version: "fd431d51" },
      { name: "b", epoch: 0, version: "1~rc1", filler: 300 },
    );
    const [{ main } = { main: "" }] = sqliteStates([
      (database) => {
        createPackages(database);
        insertPackages(...all)(database);
        checkpoint(database);
      },
    ]);
    const expected = ["a 1-1", "b 0:1~rc1-1"];
    expect(names(catalog({ [SQLITE]: main }))).toEqual(expected);
    expect(names(catalog({ [NDB]: ndbDatabase(all) }))).toEqual(expected);
    expect(names(catalog({ [HASH]: hashDatabase(all) }))).toEqual(expected);
    expect(names(catalog({ [HASH]: hashDatabase(all, { bigEndian: true, pageSize: 512 }) }))).toEqual(expected);
    const inline = hashDatabase(headers({ name: "a" }, { name: "b" }), { inline: true });
    expect(names(catalog({ [HASH]: inline }))).toEqual(["a 1-1", "b 1-1"]);
  });

  it("reads the list of Azure Linux's distroless images", () => {
    const line = (name: string, epoch: string): string =>
      [
        name,
        "3.0-1.azl3",
        "1",
        "2",
        "Microsoft Corporation",
        epoch || "(none)",
        "9",
        "x86_64",
        epoch || "0",
        `${name}.src.rpm`,
      ].join("\t");
    const found = catalog({
      "etc/os-release": "ID=azurelinux\nVERSION_ID=3.0\n",
      "var/lib/rpmmanifest/container-manifest-2": `${line("glibc", "")}\n${line("bind", "32")}\nno package\n`,
    });
    expect(found.packages.map(({ purl }) => purl)).toEqual([
      "pkg:rpm/azurelinux/bind@3.0-1.azl3?arch=x86_64&distro=azurelinux-3.0&epoch=32&upstream=bind.src.rpm",
      "pkg:rpm/azurelinux/glibc@3.0-1.azl3?arch=x86_64&distro=azurelinux-3.0&upstream=glibc.src.rpm",
    ]);
    expect(found.packages[0]).toMatchObject({ version: "32:3.0-1.azl3", supplier: "Microsoft Corporation" });
    expect(found.completeness).toBe("incomplete");
    expect(found.unknowns.map(({ reason }) => reason)).toEqual(["1 lines that name no package"]);
  });

  it("takes entries of the installation for those of the package, and texts that are missing for none", () => {
    const found = catalog({
      [NDB]: ndbDatabase([
        packHeader(
          [
            [1000, "a"],
            [1001, "1"],
            [1002, "1"],
            [1014, "MIT"],
            [1044, "(none)"],
          ],
          [[1014, "ISC"]],
        ),
        Buffer.concat([Buffer.from("8eade80100000000", "hex"), rpmHeader({ name: "b" })]),
      ]),
    });
    expect(found.packages.map(({ purl }) => purl)).toEqual(["pkg:rpm/a@1-1", "pkg:rpm/b@1-1?arch=x86_64"]);
    expect(found.packages[0]?.licenses).toEqual([{ expression: "ISC" }]);
  });

  it("gives a chroot its own distribution, and a linked directory one database", () => {
    const found = catalog({
      ...OS,
      "var/lib/rpm": { link: "../../usr/lib/sysimage/rpm" },
      [NDB]: ndbDatabase(headers({ name: "a" })),
      "srv/root/etc/os-release": "ID=opensuse-leap\nVERSION_ID=15.6\n",
      [`srv/root/${NDB}`]: ndbDatabase(headers({ name: "a" })),
    });
    expect(found.packages.map(({ purl }) => purl)).toEqual([
      "pkg:rpm/opensuse/a@1-1?arch=x86_64&distro=opensuse-leap-15.6",
      "pkg:rpm/redhat/a@1-1?arch=x86_64&distro=rhel-9.4",
    ]);
  });

  it("knows which layer brought a package", () => {
    const found = catalog(
      ndb({ name: "a" }),
      ndb({ name: "a" }, { name: "b" }),
      ndb({ name: "a", version: "2" }, { name: "b" }),
    );
    expect(found.packages.map(({ name, introducedIn }) => `${name} ${introducedIn}`)).toEqual(["a 2", "b 1"]);
  });

  it("owns files, also through a linked directory", () => {
    const { view } = fakeImage(
      [
        {
          ...ndb(
            { name: "a", files: ["/lib/python3/x.dist-info/METADATA", "/usr/bin/a"] },
            { name: "b", files: ["/x"] },
          ),
        },
        { lib: { link: "usr/lib" }, "usr/lib/python3/x.dist-info/METADATA": "", x: "", y: "" },
      ],
      [osRelease, rpm],
    );
    const files = new Set(["usr/lib/python3/x.dist-info/METADATA", "x", "y"]);
    const { owned, packages } = rpm.catalog(view);
    expect([...(owned?.(files) ?? [])]).toEqual([
      ["usr/lib/python3/x.dist-info/METADATA", packages[0]?.id],
      ["x", packages[1]?.id],
    ]);
  });
});

describe("rpm's dependencies", () => {
  it("lead to what provides a name in a fitting version, or owns a file", () => {
    const found = catalog(
      ndb(
        {
          name: "app",
          requires: [
            "libc.so.6()(64bit)",
            "/usr/bin/sh",
            "kernel >= 2",
            "rpmlib(FileDigests) <= 4.6.0-1",
            "app",
            "gone",
          ],
        },
        { name: "glibc", provides: ["glibc = 2.34-60", "libc.so.6()(64bit)"] },
        { name: "bash", files: ["/usr/bin/bash", "/usr/bin/sh"] },
        { name: "kernel", version: "1", provides: ["kernel = 1-1"] },
        { name: "kernel", version: "2", provides: ["kernel = 2-1"] },
      ),
    );
    expect(edges(found)).toEqual([
      "app@1-1.x86_64 -> bash@1-1.x86_64",
      "app@1-1.x86_64 -> glibc@1-1.x86_64",
      "app@1-1.x86_64 -> kernel@2-1.x86_64",
    ]);
  });

  it("stay within an architecture where both are there", () => {
    const provides = ["libz = 1"];
    const found = catalog(
      ndb(
        { name: "app", requires: ["libz", "only32"] },
        { name: "zlib", provides },
        { name: "zlib", arch: "i686", provides: [...provides, "only32"] },
      ),
    );
    expect(edges(found)).toEqual(["app@1-1.x86_64 -> zlib@1-1.i686", "app@1-1.x86_64 -> zlib@1-1.x86_64"]);
  });

  it.each([
    ["(a if b)", "a"],
    ["(a if z)", ""],
    ["(a if z else c)", "c"],
    ["(a unless z)", "a"],
    ["(a unless b else c)", "c"],
    ["(a and b and c)", "a b c"],
    ["(a or z)", "a"],
    ["(a with feature)", "a"],
    ["(feature without a)", "b"],
    ["((a and (b or z)) if (c >= 1 and b < 2))", "a b"],
    ["(a if c > 1)", ""],
    ["(lib(x)(64bit) and c)", "b c"],
    ["(/usr/bin/c or z)", "c"],
    ["(a and", ""],
    ["(a or b and c)", ""],
    [`${"(".repeat(400)}a${")".repeat(400)}`, ""],
  ])("%s means: %s", (requires, needed) => {
    const found = catalog(
      ndb(
        { name: "app", requires: [requires] },
        { name: "a", provides: ["a = 1-1", "feature"] },
        { name: "b", provides: ["b = 1-1", "feature", "lib(x)(64bit)"] },
        { name: "c", provides: ["c = 1-1"], files: ["/usr/bin/c"] },
      ),
    );
    expect(
      edges(found)
        .map((edge) => edge.replace(/^.*> (.)@.*$/, "$1"))
        .join(" "),
    ).toBe(needed);
  });
});

describe("rpm's write-ahead log", () => {
  const [big, other, small] = headers(
    { name: "big", filler: 30_000 },
    { name: "other", filler: 9000 },
    { name: "small" },
  );
  const remove = (hnum: number) => (database: { exec: (sql: string) => void }) =>
    database.exec(`DELETE FROM Packages WHERE hnum = ${hnum}`);
  const states = sqliteStates([
    (database) => {
      createPackages(database);
      insertPackages(big ?? Buffer.alloc(0), small ?? Buffer.alloc(0))(database);
      checkpoint(database);
    },
    insertPackages(other ?? Buffer.alloc(0)),
    remove(1),
    (database) => {
      checkpoint(database);
      insertPackages(rpmHeader({ name: "late" }))(database);
    },
  ]);
  const main = (index: number): FakeLayer => ({ [SQLITE]: states[index]?.main ?? "" });
  const log = (index: number): FakeLayer => ({ [`${SQLITE}-wal`]: states[index]?.log ?? "" });

  it("adds and removes packages, from the database's layer or a later one", () => {
    expect(names(catalog(main(0)))).toEqual(["big 1-1", "small 1-1"]);
    const added = catalog(main(0), log(1));
    expect(names(added)).toEqual(["big 1-1", "other 1-1", "small 1-1"]);
    expect(added.packages.map(({ introducedIn }) => introducedIn)).toEqual([0, 1, 0]);
    expect(added.unknowns).toEqual([]);
    expect(names(catalog({ ...main(0), ...log(2) }))).toEqual(["other 1-1", "small 1-1"]);
  });

  it("counts no longer where a later layer removed it, and replaces nothing in a newer database", () => {
    expect(names(catalog(main(0), log(1), { [`${SQLITE}-wal`]: null }))).toEqual(["big 1-1", "small 1-1"]);
    const newer = catalog({ ...main(0), ...log(2) }, { ...main(3), ...log(3) });
    expect(names(newer)).toEqual(["late 1-1", "other 1-1", "small 1-1"]);
    expect(newer.packages.map(({ introducedIn }) => introducedIn)).toEqual([1, 0, 0]);
  });

  it("is ignored where SQLite would, and a log without a database is none", () => {
    const damaged = Buffer.from(states[1]?.log ?? "");
    damaged[40] = 0xff;
    expect(names(catalog(main(0), { [`${SQLITE}-wal`]: damaged }))).toEqual(["big 1-1", "small 1-1"]);
    expect(catalog(log(1))).toMatchObject({ packages: [], unknowns: [] });
  });

  it("of another database is a stated gap, and so are rows that only the other one had", () => {
    const pages = sqliteStates([createPackages, checkpoint, insertPackages(rpmHeader({ name: "x" }))], {
      pageSize: 1024,
    }).at(-1);
    const found = catalog(main(0), { [`${SQLITE}-wal`]: pages?.log ?? "" });
    expect(names(found)).toEqual(["big 1-1", "small 1-1"]);
    expect(found.unknowns).toMatchObject([{ reason: "a write-ahead log that does not fit its database" }]);
    const empty = sqliteStates([createPackages, checkpoint]).at(-1);
    const behind = sqliteStates([
      createPackages,
      insertPackages(big ?? Buffer.alloc(0)),
      checkpoint,
      insertPackages(small ?? Buffer.alloc(0)),
    ]).at(-1);
    const torn = catalog({ [SQLITE]: empty?.main ?? "", [`${SQLITE}-wal`]: behind?.log ?? "" });
    expect(names(torn)).toEqual(["small 1-1"]);
    expect(torn.completeness).toBe("incomplete");
    expect(torn.unknowns.length).toBeGreaterThan(0);
  });
});

describe("a damaged rpm database", () => {
  it("gives what is whole, and says what is not", () => {
    const all = headers({ name: "a", filler: 9000 }, { name: "b", filler: 9000 }, { name: "c", filler: 9000 });
    const cut = hashDatabase(all).subarray(0, 5 * 4096);
    // The bucket's page, which comes last here, is gone: so are the packages.
    expect(catalog({ [HASH]: cut })).toMatchObject({ packages: [], completeness: "incomplete" });
    const slots = ndbDatabase(all).subarray(0, 20_000);
    const found = catalog({ [NDB]: slots });
    expect(names(found)).toEqual(["a 1-1"]);
    expect(found.unknowns.map(({ reason }) => reason)).toEqual([
      "a package of the database is missing or damaged; 1 more fault like these",
    ]);
  });

  it("cannot hide a package behind one that is unusable", () => {
    const found = catalog({
      [NDB]: ndbDatabase([rpmHeader({ name: "a b" }), Buffer.from("none"), rpmHeader({ name: "ok" })]),
    });
    expect(names(found)).toEqual(["ok 1-1"]);
    expect(found.unknowns.map(({ reason }) => reason)).toEqual([
      "a package has no usable name, version or release; a package header is cut off",
    ]);
  });

  it("is a gap where it is none at all", () => {
    for (const path of [SQLITE, HASH, NDB]) {
      const { unknowns, view } = fakeImage([{ [path]: "x".repeat(600) }], [rpm]);
      expect(unknowns).toHaveLength(1);
      expect(rpm.catalog(view).packages).toEqual([]);
    }
  });

  it("has overflow pages that lead to themselves", () => {
    const file = hashDatabase(headers({ name: "a", filler: 9000 }, { name: "b" }));
    file.writeUInt32LE(1, 4096 + 16);
    const found = catalog({ [HASH]: file });
    expect(names(found)).toEqual(["b 1-1"]);
    expect(found.unknowns).toMatchObject([{ reason: "page 1 of the database is missing, damaged or used twice" }]);
  });
});
