import { describe, expect, it } from "vitest";
import { digestAlgorithm, digestHex, digestOf, isDigest, parseDigest, sha256Digest } from "#core/digest.ts";

describe("digests", () => {
  it.each([
    "sha256:" + "A".repeat(64),
    "sha256:" + "a".repeat(63),
    "sha256:" + "a".repeat(65),
    " sha256:" + "a".repeat(64),
    "sha256:" + "a".repeat(64) + "\n",
    "SHA256:" + "a".repeat(64),
    "sha256-" + "a".repeat(64),
    "sha512:" + "a".repeat(64),
    "md5:" + "a".repeat(32),
    "",
  ])("attack 8: %j is no digest", (text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(/not a digest/);
  });

  it("hashes, and splits into algorithm and hex", () => {
    const digest = digestOf("{}");
    expect(digest).toBe("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    expect(sha256Digest(digestHex(digest))).toBe(digest);
    expect(digestAlgorithm(digestOf("", "sha512"))).toBe("sha512");
  });
});
