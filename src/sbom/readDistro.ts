import type { ImageView } from "#sbom/cataloger.ts";
import type { Distro } from "#sbom/package.ts";
import { OLDER_FILES } from "#sbom/readOlderDistro.ts";
import { readOsRelease } from "#sbom/readOsRelease.ts";

// `12.15`, or `trixie/sid` before a release.
const DEBIAN_VERSION = /^[0-9a-z./]{1,32}$/;

/**
 * The distribution of a root file system: the image's own (`root` empty) or one that lies inside it, such as a chroot
 * (`root` with a trailing slash). /etc/os-release comes first, then /usr/lib/os-release, as os-release(5) has it; then
 * what distributions wrote before there was one.
 */
export const readDistro = (view: Pick<ImageView, "file">, root = ""): Distro | undefined => {
  for (const path of [`${root}etc/os-release`, `${root}usr/lib/os-release`]) {
    const distro = readInside(view, path, root);
    if (distro !== undefined) return refineDebian(distro, view.file(`${root}etc/debian_version`)?.bytes);
  }
  for (const [path, read] of OLDER_FILES) {
    const file = view.file(`${root}${path}`);
    const distro = file?.path.startsWith(root) === true ? read(Buffer.from(file.bytes).toString()) : undefined;
    if (distro !== undefined) return distro;
  }
  return undefined;
};

// An absolute link inside a chroot leads to the host's file, which says nothing about the chroot.
const readInside = (view: Pick<ImageView, "file">, path: string, root: string): Distro | undefined => {
  const file = view.file(path);
  return file?.path.startsWith(root) === true ? readOsRelease(file.bytes) : undefined;
};

// Debian's os-release names the major release only, and none at all in testing: /etc/debian_version is more exact
// (`12.15`, `trixie/sid`). Other distributions ship that file with Debian's words, not theirs.
const refineDebian = (distro: Distro, debianVersion: Uint8Array | undefined): Distro => {
  if (distro.id !== "debian" || debianVersion === undefined) return distro;
  const exact = Buffer.from(debianVersion).toString("latin1", 0, 64).trim();
  if (!DEBIAN_VERSION.test(exact)) return distro;
  const refines = distro.versionId === undefined || exact.startsWith(`${distro.versionId}.`);
  return refines ? { ...distro, versionId: exact } : distro;
};
