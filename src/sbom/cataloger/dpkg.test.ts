import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { dpkg } from "#sbom/cataloger/dpkg.ts";
import { osRelease } from "#sbom/cataloger/osRelease.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const OS = { "etc/os-release": "ID=debian\nVERSION_ID=12\n" };
const STATUS = "var/lib/dpkg/status";

const catalog = (...layers: readonly FakeLayer[]): Findings => dpkg.catalog(fakeImage(layers, [osRelease, dpkg]).view);
const stanza = (name: string, version: string, more = "", status = "install ok installed"): string =>
  `Package: ${name}\nStatus: ${status}\nArchitecture: amd64\nVersion: ${version}\n${more}\n`;
const purls = (findings: Findings): readonly string[] => findings.packages.map((one) => one.purl);

describe("dpkg", () => {
  it("describes an installed package", () => {
    const found = catalog({
      ...OS,
      [STATUS]: stanza(
        "bash",
        "5.2.15-2+b13",
        "Source: bash (5.2.15-2)\nMaintainer: M <m@example.org>\nHomepage: https://e.org\nDescription: a shell\n long\n Version: 9\n",
      ),
    });
    expect(found.packages).toEqual([
      {
        id: "pkg:deb/debian/bash@5.2.15-2%2Bb13?arch=amd64&distro=debian-12&upstream=bash%405.2.15-2",
        purl: "pkg:deb/debian/bash@5.2.15-2%2Bb13?arch=amd64&distro=debian-12&upstream=bash%405.2.15-2",
        type: "deb",
        name: "bash",
        namespace: "debian",
        version: "5.2.15-2+b13",
        licenses: [],
        supplier: "M <m@example.org>",
        description: "a shell",
        homepage: "https://e.org",
        occurrences: [{ path: STATUS, layer: 0 }],
        introducedIn: 0,
        foundBy: "dpkg",
        properties: { source: "bash", sourceVersion: "5.2.15-2" },
      },
    ]);
    expect(found.completeness).toBe("complete");
  });

  it("counts only what is installed", () => {
    const status =
      stanza("a", "1") +
      stanza("b", "1", "", "deinstall ok config-files") +
      stanza("c", "1", "", "install reinstreq half-installed") +
      stanza("d", "1", "", "purge ok not-installed") +
      stanza("e", "1", "", "install ok triggers-pending") +
      stanza("f", "1", "", "hold ok unpacked");
    const backup = { "var/lib/dpkg/status-old": stanza("old", "1") };
    expect(catalog({ ...OS, ...backup, [STATUS]: status }).packages.map(({ name }) => name)).toEqual(["a", "e", "f"]);
  });

  it("reads status.d and passes over what lies beside the stanzas", () => {
    const found = catalog({
      ...OS,
      "var/lib/dpkg/status.d/tzdata": "Package: tzdata\nVersion: 1:2026\nArchitecture: all\n",
      "var/lib/dpkg/status.d/tzdata.md5sums": "d41d8cd98f00b204e9800998ecf8427e  usr/share/zoneinfo/UTC\n",
      "var/lib/dpkg/status.d/python3.11": "Package: python3.11\nVersion: 3\n",
      "usr/share/zoneinfo/UTC": "",
    });
    expect(purls(found)).toEqual([
      "pkg:deb/debian/python3.11@3?distro=debian-12",
      "pkg:deb/debian/tzdata@1:2026?arch=all&distro=debian-12",
    ]);
    const file = "usr/share/zoneinfo/UTC";
    const owned = found.owned?.(new Set([file, "usr/share/UTC"])) ?? new Map<string, string>();
    expect([...owned]).toEqual([[file, "pkg:deb/debian/tzdata@1:2026?arch=all&distro=debian-12"]]);
  });

  it("knows a stanza's files though both are named in base64, and configuration files beside md5sums", () => {
    const file = (name: string): string => `d41d8cd98f00b204e9800998ecf8427e  ${name}\n`;
    const found = catalog({
      [STATUS]: stanza("a", "1"),
      "var/lib/dpkg/info/a:amd64.conffiles": "/etc/a.conf\n",
      "var/lib/dpkg/info/a:amd64.md5sums": file("usr/bin/a"),
      "var/lib/dpkg/status.d/dHpkYXRh": "Package: tzdata\nVersion: 1\n",
      "var/lib/dpkg/status.d/dHpkYXRh.md5sums": file("usr/share/zoneinfo/UTC"),
      "etc/a.conf": "",
      "usr/bin/a": "",
      "usr/share/zoneinfo/UTC": "",
    });
    expect([...(found.owned?.(new Set(["etc/a.conf", "usr/bin/a", "usr/share/zoneinfo/UTC"])) ?? [])]).toEqual([
      ["etc/a.conf", "pkg:deb/a@1?arch=amd64"],
      ["usr/bin/a", "pkg:deb/a@1?arch=amd64"],
      ["usr/share/zoneinfo/UTC", "pkg:deb/tzdata@1"],
    ]);
  });

  it("names the sources that are built into a package", () => {
    const more = "Built-Using: gcc-12 (= 12.2.0-14),\n binutils (= 2.40-2)\nStatic-Built-Using: rustc (= 1.63)\n";
    expect(catalog({ [STATUS]: stanza("a", "1", more) }).packages[0]?.properties).toEqual({
      builtUsing: "gcc-12 (= 12.2.0-14), binutils (= 2.40-2), rustc (= 1.63)",
    });
  });

  it("finds the layer that brought each version, though each layer rewrites the whole database", () => {
    const found = catalog(
      { ...OS, [STATUS]: stanza("a", "1") + stanza("b", "1") },
      { [STATUS]: stanza("a", "1") + stanza("b", "2") },
      { [STATUS]: stanza("a", "1") + stanza("b", "2") + stanza("c", "1") },
    );
    expect(found.packages.map((one) => [one.name, one.introducedIn, one.occurrences[0]?.layer])).toEqual([
      ["a", 0, 2],
      ["b", 1, 2],
      ["c", 2, 2],
    ]);
  });

  it("links dependencies by name, alternative, what is provided, and architecture", () => {
    const found = catalog({
      [STATUS]:
        stanza("app", "1", "Depends: libx (>= 2) [amd64], gone | mail-agent, awk:any\nPre-Depends: base\n") +
        stanza("libx", "2") +
        stanza("libx", "2").replace("amd64", "i386") +
        stanza("exim", "1", "Provides: mail-agent (= 1), other\n") +
        stanza("mawk", "1", "Provides: awk\n") +
        stanza("base", "1", "Depends: base\n"),
    });
    expect(found.edges.filter((edge) => edge.from.includes("/app@")).map((edge) => edge.to)).toEqual([
      "pkg:deb/base@1?arch=amd64",
      "pkg:deb/exim@1?arch=amd64",
      "pkg:deb/libx@2?arch=amd64",
      "pkg:deb/mawk@1?arch=amd64",
    ]);
    expect(found.edges.filter((edge) => edge.from.includes("/base@"))).toEqual([]);
  });

  it("keeps a chroot's packages with the chroot's distribution", () => {
    const found = catalog({
      ...OS,
      [STATUS]: stanza("a", "1"),
      "srv/chroot/etc/os-release": "ID=debian\nVERSION_ID=11\n",
      [`srv/chroot/${STATUS}`]: stanza("a", "1"),
    });
    expect(purls(found)).toEqual([
      "pkg:deb/debian/a@1?arch=amd64&distro=debian-11",
      "pkg:deb/debian/a@1?arch=amd64&distro=debian-12",
    ]);
  });

  it("says what was asked for where apt remembers it", () => {
    const found = catalog({
      [STATUS]: stanza("a", "1", "Depends: b\n") + stanza("b", "1"),
      "var/lib/apt/extended_states": "Package: b\nArchitecture: amd64\nAuto-Installed: 1\n",
    });
    expect(found.direct).toEqual(["pkg:deb/a@1?arch=amd64"]);
  });

  it("owns files under their real paths", () => {
    const found = catalog({
      [STATUS]: stanza("libc6", "1"),
      bin: { link: "usr/bin" },
      "usr/bin/ls": "",
      "var/lib/dpkg/info/libc6:amd64.list": "/.\n/bin\n/bin/ls\n/gone\n/gone/x\n",
    });
    const files = new Set(["usr/bin/ls", "bin/ls", "gone/x", "usr/bin/cat"]);
    expect([...(found.owned?.(files) ?? [])]).toEqual([["usr/bin/ls", "pkg:deb/libc6@1?arch=amd64"]]);
  });

  it("takes licences from machine-readable copyright files, through links", () => {
    const found = catalog({
      [STATUS]: stanza("a", "1") + stanza("b", "1") + stanza("c", "1") + stanza("d", "1"),
      "usr/share/doc/a/copyright":
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-2+ or Artistic-2\n text\n\nFiles: b\nLicense: Expat\n\nLicense: GPL-2+\n text\n",
      "usr/share/doc/b": { link: "a" },
      "usr/share/doc/c/copyright": "see /usr/share/common-licenses/GPL-3.",
      "usr/share/doc/d/copyright": { link: "/var/lib/dpkg/status" },
    });
    expect(found.packages.map((one) => one.licenses)).toEqual([
      [{ expression: "GPL-2.0-or-later OR Artistic-2.0" }, { expression: "MIT" }],
      [{ expression: "GPL-2.0-or-later OR Artistic-2.0" }, { expression: "MIT" }],
      [{ name: "GPL-3" }],
      [],
    ]);
  });

  it("states entries that it cannot use, and files over the limit", () => {
    const found = catalog({ [STATUS]: `${stanza("a", "1")}${stanza("b\u0000", "1")}${stanza("c", "1 2")}` });
    expect(found.packages).toHaveLength(1);
    expect(found.unknowns).toEqual([{ path: STATUS, layer: 0, reason: "2 entries without a usable name or version" }]);
    expect(found.completeness).toBe("incomplete");
    const entry = { path: STATUS, type: "file", mode: 0, linkTarget: undefined, escaped: false } as const;
    const reducer = dpkg.wants({ ...entry, size: 128 * 1024 * 1024 });
    expect(reducer?.write(new Uint8Array(10))).toBe(false);
    expect(() => reducer?.end()).toThrow("dpkg database of more than 67108864 bytes");
  });

  it("answers any database", () => {
    const piece = fc.constantFrom(
      "Package: a\n",
      "Version: 1\n",
      "\n",
      " x\n",
      "Depends: a, b | c\n",
      ":",
      "Status: a b\n",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(text, (content) => {
        const found = catalog({ [STATUS]: content }, { [STATUS]: `${content}\n` });
        expect(found.completeness).toMatch(/complete$/);
      }),
    );
  });
});
