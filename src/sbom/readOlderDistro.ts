import type { Distro } from "#sbom/package.ts";

// Vendors of CPE names (`cpe:/o:amazon:linux:2`) by the ID that their os-release has.
const VENDORS: ReadonlyMap<string, string> = new Map([
  ["almalinux", "almalinux"],
  ["amazon", "amzn"],
  ["centos", "centos"],
  ["fedoraproject", "fedora"],
  ["oracle", "ol"],
  ["redhat", "rhel"],
  ["rocky", "rocky"],
]);
// What the line of /etc/redhat-release begins with.
const NAMES: readonly (readonly [string, string])[] = [
  ["almalinux", "almalinux"],
  ["centos", "centos"],
  ["fedora", "fedora"],
  ["oracle linux", "ol"],
  ["red hat enterprise linux", "rhel"],
  ["rocky linux", "rocky"],
  ["scientific linux", "scientific"],
];
const CPE = /^cpe:\/o:([a-z]{1,32}):[a-z_]{1,64}:(\d{1,4}(?:\.\d{1,4}){0,2})(?::|$)/;
const RELEASE = /^(.{1,80}?) release (\d{1,4}(?:\.\d{1,4}){0,2})\b/;
const ALPINE = /^\d{1,4}(?:\.\d{1,4}){1,2}(?:_[a-z]{1,10}\d{0,8})?$/;
const BRANCH = /\/v(\d{1,4}\.\d{1,4})\/(?:main|community)\/?$/;

/** Where a distribution says what it is when it has no os-release, surest first (reference 1.2). */
export const OLDER_FILES: readonly (readonly [path: string, read: (text: string) => Distro | undefined])[] = [
  ["etc/system-release-cpe", (text) => readCpe(text.trim())],
  ["etc/redhat-release", (text) => readRelease(text.trim())],
  ["etc/alpine-release", (text) => (ALPINE.test(text.trim()) ? distro("alpine", text.trim(), []) : undefined)],
  ["etc/apk/repositories", (text) => readRepositories(text)],
];

const readCpe = (text: string): Distro | undefined => {
  const [, vendor = "", version] = CPE.exec(text) ?? [];
  const id = VENDORS.get(vendor);
  return id === undefined ? undefined : distro(id, version, ["rhel", "fedora"]);
};

const readRelease = (text: string): Distro | undefined => {
  const [, name = "", version] = RELEASE.exec(text.split("\n", 1)[0] ?? "") ?? [];
  const [, id] = NAMES.find(([start]) => name.toLowerCase().startsWith(start)) ?? [];
  return id === undefined ? undefined : distro(id, version, ["rhel", "fedora"]);
};

// `https://dl-cdn.alpinelinux.org/alpine/v3.20/main`; edge has no version.
const readRepositories = (text: string): Distro | undefined => {
  for (const line of text.split("\n", 100)) {
    const [, version] = BRANCH.exec(line.trim()) ?? [];
    if (version !== undefined && !line.startsWith("#")) return distro("alpine", version, []);
  }
  return undefined;
};

const distro = (id: string, versionId: string | undefined, idLike: readonly string[]): Distro => ({
  id,
  versionId,
  prettyName: undefined,
  idLike: idLike.filter((like) => like !== id),
});
