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
