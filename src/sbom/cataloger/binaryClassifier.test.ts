import { describe, expect, it } from "vitest";
import type { Package } from "#sbom/package.ts";
import { binaryClassifier } from "#sbom/cataloger/binaryClassifier.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const program = (...texts: readonly string[]): Buffer =>
  Buffer.from(`\x7fELF${"\x01".repeat(300)}${texts.join("\x01".repeat(300))}`, "latin1");
const nginx = (version: string): Buffer => program(`nginx version: nginx/${version}\n`);
const java = program("openjdk\0java\x000.0\x0017.0.10+7-LTS\0");

const catalog = (...layers: readonly FakeLayer[]): readonly Package[] =>
  binaryClassifier.catalog(fakeImage(layers, [binaryClassifier]).view).packages;
const ids = (packages: readonly Package[]): readonly string[] => packages.map(({ id }) => id);

describe("binaryClassifier", () => {
  it("describes a product by its program", () => {
    expect(catalog({ "usr/sbin/nginx": nginx("1.25.1") })).toEqual([
      {
        id: "pkg:generic/nginx@1.25.1",
        type: "generic",
        name: "nginx",
        version: "1.25.1",
        purl: "pkg:generic/nginx@1.25.1",
        cpes: ["cpe:2.3:a:f5:nginx:1.25.1:*:*:*:*:*:*:*"],
        isApplication: true,
        technique: "binary-analysis",
        confidence: 0.9,
        licenses: [{ expression: "BSD-2-Clause" }],
        licenseSource: "classifier",
        occurrences: [{ path: "usr/sbin/nginx", layer: 0 }],
        introducedIn: 0,
        foundBy: "binary-classifier",
      },
    ]);
  });

  it("makes one package of a program and its library, and says in which layer a version came", () => {
    const openssl = program("\0OpenSSL 3.1.4 24 Oct 2023\0");
    const found = catalog(
      { "usr/bin/openssl": openssl, "usr/sbin/nginx": nginx("1.25.1"), a: "" },
      { "usr/lib/libcrypto.so.3": openssl, "usr/sbin/nginx": nginx("1.25.1") },
      { "usr/sbin/nginx": nginx("1.25.3") },
    );
    expect(found.map(({ id, introducedIn, isApplication }) => [id, introducedIn, isApplication])).toEqual([
      ["pkg:generic/nginx@1.25.3", 2, true],
      ["pkg:generic/openssl@3.1.4", 0, true],
    ]);
    expect(found[1]?.occurrences.map(({ path }) => path)).toEqual(["usr/bin/openssl", "usr/lib/libcrypto.so.3"]);
  });

  it("leaves a JVM to its own description where that is there", () => {
    expect(ids(catalog({ "opt/jre/bin/java": java }))).toEqual(["pkg:generic/openjdk@17.0.10%2B7"]);
    expect(catalog({ "opt/jre/bin/java": java, "opt/jre/release": 'JAVA_VERSION="17.0.10"\n' })).toEqual([]);
    expect(catalog({ "jre/bin/java": java, release: 'JAVA_VERSION="17.0.10"\n' })).toHaveLength(1);
    expect(catalog({ java, release: "" })).toHaveLength(1);
  });

  it("finds busybox under the name of an applet, and no gzip in it", () => {
    const busybox = program("BusyBox v1.36.1 (2023-05-18)\0not in gzip format\0");
    expect(ids(catalog({ "bin/[": busybox, "bin/gzip": busybox }))).toEqual(["pkg:generic/busybox@1.36.1"]);
  });

  it("reads versions that are texts", () => {
    const found = catalog({
      "usr/local/go/VERSION": "go1.22.3\ntime 2024-05-01T19:49:47Z\n",
      "srv/VERSION": "1.22.3\n",
      "usr/lib/erlang/releases/25/OTP_VERSION": "25.2.3\n",
      "usr/lib/elixir.app": '{application,elixir,\n [{description,"elixir"},\n  {vsn,"1.14.0"},\n',
      "other/OTP_VERSION": "25.2.3 and more\n",
    });
    expect(ids(found)).toEqual(["pkg:generic/elixir@1.14.0", "pkg:generic/erlang@25.2.3", "pkg:generic/go@1.22.3"]);
  });
});
