import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { apiHost, formatReference, isRepository, isTag, parseReference, signedName } from "#core/reference.ts";

const HEX = "a".repeat(64);
const refused = (text: string): string => {
  try {
    parseReference(text);
  } catch (error) {
    if (error instanceof WaybillError) return error.code;
    throw error;
  }
  return "accepted";
};

describe("parseReference", () => {
  it.each([
    ["alpine", "docker.io/library/alpine"],
    ["alpine:3", "docker.io/library/alpine:3"],
    ["acme/app", "docker.io/acme/app"],
    ["index.docker.io/library/alpine", "docker.io/library/alpine"],
    ["registry-1.docker.io/alpine", "docker.io/library/alpine"],
    ["localhost/app", "localhost/app"],
    ["localhost:5000/app:1", "localhost:5000/app:1"],
    ["GHCR.io/acme/app", "ghcr.io/acme/app"],
    ["[::1]:5000/app:1", "[::1]:5000/app:1"],
    ["[0:0:0:0:0:0:0:1]/app", "[::1]/app"],
    ["[2001:DB8::0:1]:443/app", "[2001:db8::1]:443/app"],
    [`127.0.0.1:5000/a/b/c:1@sha256:${HEX}`, `127.0.0.1:5000/a/b/c:1@sha256:${HEX}`],
    ["oci:./out:1.0", "oci:./out:1.0"],
    ["oci:/tmp/x", "oci:/tmp/x"],
    [`oci:dir.v1/img@sha256:${HEX}`, `oci:dir.v1/img@sha256:${HEX}`],
  ])("reads %s as %s", (text, canonical) => {
    expect(formatReference(parseReference(text))).toBe(canonical);
  });

  it.each([
    "",
    "Alpine",
    "acme/App",
    "acme//app",
    "/app",
    "app/",
    "app:",
    "app:tag:tag",
    "app@",
    "app@sha256:" + "A".repeat(64),
    "app@sha256:" + "a".repeat(63),
    "app@md5:" + "a".repeat(32),
    `app@sha256:${HEX}@sha256:${HEX}`,
    "host.example./app",
    "-bad.example/app",
    "exämple.com/app",
    "host.example:0/app",
    "host.example:99999/app",
    "host.example:5000:1/app",
    "user@host.example/app",
    "https://host.example/app",
    "a b/app",
    "app\n",
    "app:.tag",
    `app:${"t".repeat(129)}`,
    "x".repeat(300),
    "oci:",
    "../etc/passwd",
    "host.example/../app",
  ])("attack 9: refuses %j", (text) => {
    expect(refused(text)).toBe("REFERENCE_INVALID");
  });

  it("attack 9: docker.io and its aliases are one registry, spoken to and signed as cosign does", () => {
    const reference = parseReference("index.docker.io/alpine");
    expect(signedName(reference)).toBe("index.docker.io/library/alpine");
    expect(apiHost("docker.io")).toBe("registry-1.docker.io");
    expect(apiHost("quay.io")).toBe("quay.io");
  });

  it("attack 9: a digest beside a tag is kept beside it, so that the digest can decide", () => {
    const reference = parseReference(`app:1@sha256:${HEX}`);
    expect([reference.tag, reference.digest]).toEqual(["1", `sha256:${HEX}`]);
  });

  it("parses what it formats to the same value", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const host = fc.oneof(
      fc.constant("localhost"),
      fc.tuple(part, part).map(([a, b]) => `${a}.${b}`),
    );
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,12}$/), { nil: undefined });
    fc.assert(
      fc.property(
        host,
        port,
        fc.array(part, { minLength: 1, maxLength: 4 }),
        tag,
        fc.boolean(),
        (name, number, path, label, pin) => {
          const text = `${name}${number === undefined ? "" : `:${number}`}/${path.join("/")}${label === undefined ? "" : `:${label}`}${pin ? `@sha256:${HEX}` : ""}`;
          const reference = parseReference(text);
          expect(formatReference(reference)).toBe(text);
          expect(parseReference(formatReference(reference))).toEqual(reference);
        },
      ),
    );
  });

  it("answers any text with a reference of the grammar or with its one error", () => {
    const holds = (text: string): boolean => {
      if (refused(text) !== "accepted") return refused(text) === "REFERENCE_INVALID";
      const reference = parseReference(text);
      const tag = reference.tag === undefined || isTag(reference.tag);
      const repository = reference.kind === "layout" || isRepository(reference.repository);
      return tag && repository && isDeepStrictEqual(parseReference(formatReference(reference)), reference);
    };
    const texts = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.stringMatching(/^[a-zA-Z0-9.:@/_-]{0,80}$/));
    const result = fc.check(fc.property(texts, holds), { numRuns: 2000 });
    expect(result.counterexample).toBe(null);
  });
});
