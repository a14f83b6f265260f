import type { ImageView } from "#sbom/cataloger.ts";
import type { MarkerEnvironment, MarkerValue } from "#sbom/python/compareMarker.ts";
import type { Interpreter } from "#sbom/python/findInterpreters.ts";

/**
 * What is known of an interpreter by PEP 508's variable names ("Environment Markers"), `extra` aside. The kernel's version and
 * what else an image does not say are left out.
 */
export const markerEnvironment = (
  { version, implementation }: Pick<Interpreter, "version" | "implementation">,
  platform: { readonly isWindows: boolean; readonly machine: string | undefined },
): MarkerEnvironment => {
  const full = fullVersion(version);
  const isCPython = implementation === "cpython";
  return {
    ...(platform.isWindows ? WINDOWS : LINUX),
    platform_machine: platform.machine,
    python_version: version?.split(".").slice(0, 2).join("."),
    python_full_version: full,
    implementation_name: implementation,
    implementation_version: isCPython ? full : undefined,
    platform_python_implementation: implementation && (isCPython ? "CPython" : "PyPy"),
  };
};

const LINUX = { os_name: "posix", sys_platform: "linux", platform_system: "Linux" };
const WINDOWS = { os_name: "nt", sys_platform: "win32", platform_system: "Windows" };

// Of `3.11` any patch release may be there. Images with a release candidate say so nowhere else either.
const fullVersion = (version: string | undefined): MarkerValue | undefined =>
  version === undefined || version.split(".").length > 2 ? version : { from: `${version}.0`, to: `${version}.999` };

// By the names that the dynamic loaders and Debian's library directories have, on every merged and unmerged /usr.
const PLACES: readonly (readonly [path: string, machine: string])[] = [
  ["lib/x86_64-linux-gnu", "x86_64"],
  ["lib/aarch64-linux-gnu", "aarch64"],
  ["lib/arm-linux-gnueabihf", "armv7l"],
  ["lib/i386-linux-gnu", "i686"],
  ["lib/powerpc64le-linux-gnu", "ppc64le"],
  ["lib/s390x-linux-gnu", "s390x"],
  ["lib/riscv64-linux-gnu", "riscv64"],
  ["lib64/ld-linux-x86-64.so.2", "x86_64"],
  ["lib/ld-linux-aarch64.so.1", "aarch64"],
  ["lib64/ld64.so.2", "ppc64le"],
  ["lib/ld64.so.1", "s390x"],
  ["lib/libc.musl-x86_64.so.1", "x86_64"],
  ["lib/libc.musl-aarch64.so.1", "aarch64"],
];

/** The machine that an image is for: by the wheels in it, else by its libraries; undefined where they do not agree. */
export const findMachine = (wheels: ReadonlySet<string>, view: Pick<ImageView, "realPath">): string | undefined => {
  const isThere = (path: string): boolean => [path, `usr/${path}`].some((one) => view.realPath(one) !== undefined);
  const found = wheels.size > 0 ? wheels : new Set(PLACES.filter(([path]) => isThere(path)).map(([, name]) => name));
  return found.size === 1 ? [...found][0] : undefined;
};
