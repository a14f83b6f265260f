import { describe, expect, it } from "vitest";
import { osRelease } from "#sbom/cataloger/osRelease.ts";
import { readDistro } from "#sbom/readDistro.ts";
import { fakeImage } from "../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../test/fakes/imageView.ts";

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n';
const distroOf = (...layers: readonly FakeLayer[]): unknown => fakeImage(layers, [osRelease]).view.distro;

describe("readDistro", () => {
  it("follows a link to a file that a later layer brings", () => {
    expect(
      distroOf(
        { "etc/os-release": { link: "../usr/lib/os-release" } },
        { "usr/lib/os-release": "ID='alpine'\nVERSION_ID=3.20.1\nID_LIKE=\n" },
      ),
    ).toEqual({ id: "alpine", versionId: "3.20.1", prettyName: undefined, idLike: [] });
  });

  it("falls back to /usr/lib/os-release", () => {
    expect(distroOf({ "usr/lib/os-release": DEBIAN })).toMatchObject({ id: "debian", versionId: "12" });
  });

  it("takes Debian's point release from /etc/debian_version, and only Debian's", () => {
    expect(distroOf({ "etc/os-release": DEBIAN, "etc/debian_version": "12.15\n" })).toMatchObject({
      versionId: "12.15",
      prettyName: "Debian GNU/Linux 12 (bookworm)",
    });
    expect(distroOf({ "etc/os-release": DEBIAN, "etc/debian_version": "13.1\n" })).toMatchObject({ versionId: "12" });
    expect(distroOf({ "etc/os-release": "ID=debian\n", "etc/debian_version": "trixie/sid\n" })).toMatchObject({
      versionId: "trixie/sid",
    });
    expect(
      distroOf({ "etc/os-release": 'ID=ubuntu\nID_LIKE="debian"\n', "etc/debian_version": "bookworm/sid\n" }),
    ).toEqual({ id: "ubuntu", versionId: undefined, prettyName: undefined, idLike: ["debian"] });
  });

  it.each([
    ["etc/system-release-cpe", "cpe:/o:amazon:linux:2\n", "amzn", "2"],
    ["etc/system-release-cpe", "cpe:/o:redhat:enterprise_linux:7.9:ga:server", "rhel", "7.9"],
    ["etc/redhat-release", "CentOS release 6.10 (Final)\n", "centos", "6.10"],
    ["etc/redhat-release", "Red Hat Enterprise Linux Server release 7.9 (Maipo)", "rhel", "7.9"],
    ["etc/alpine-release", "3.20.1\n", "alpine", "3.20.1"],
    ["etc/apk/repositories", "# x/v3.1/main\nhttps://dl-cdn.alpinelinux.org/alpine/v3.20/main\n", "alpine", "3.20"],
  ])("falls back to %s: %j", (path, text, id, versionId) => {
    expect(distroOf({ [path]: text })).toMatchObject({ id, versionId });
    expect(distroOf({ [path]: text, "usr/lib/os-release": DEBIAN })).toMatchObject({ id: "debian" });
  });

  it.each([
    ["etc/system-release-cpe", "cpe:/o:nobody:linux:2"],
    ["etc/redhat-release", "My own release 2"],
    ["etc/alpine-release", "pkg:apk/x"],
    ["etc/apk/repositories", "https://dl-cdn.alpinelinux.org/alpine/edge/main"],
  ])("knows nothing from %s: %j", (path, text) => expect(distroOf({ [path]: text })).toBeUndefined());

  it("reads a chroot's own files and does not follow its links to the host's", () => {
    const { view } = fakeImage(
      [
        {
          "etc/os-release": DEBIAN,
          "srv/a/etc/os-release": "ID=fedora\nVERSION_ID=40\n",
          "srv/b/etc/os-release": { link: "/etc/os-release" },
        },
      ],
      [osRelease],
    );
    expect(readDistro(view, "srv/a/")).toMatchObject({ id: "fedora", versionId: "40" });
    expect(readDistro(view, "srv/b/")).toBeUndefined();
  });

  it("undoes shell quoting and refuses what is no ID", () => {
    expect(distroOf({ "etc/os-release": 'ID="a"\nPRETTY_NAME="x \\"y\\" \\$z \u0007"\n' })).toMatchObject({
      prettyName: 'x "y" $z ',
    });
    const { view } = fakeImage([{ "etc/os-release": "ID=a b&c\n" }], [osRelease]);
    expect(view.distro).toBeUndefined();
    expect(osRelease.catalog(view).unknowns).toHaveLength(1);
  });
});
