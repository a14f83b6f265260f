import { describe, expect, it } from "vitest";
import { ago, byteText, countOf, exactTime, paperName, shortDigest } from "./shortText.ts";

const NOW = Date.parse("2026-01-02T03:04:05Z");

describe("short texts", () => {
  it("keep of a digest what it is recognised by", () => {
    expect(shortDigest(`sha256:${"ab".repeat(32)}`)).toBe("sha256:abababababab…");
    expect(shortDigest("sha256:abc")).toBe("sha256:abc");
    expect(shortDigest("no digest")).toBe("no digest");
  });

  it.each([
    ["2026-01-02T03:04:01Z", "just now"],
    ["2026-01-02T03:03:45Z", "20 seconds ago"],
    ["2026-01-02T03:02:05Z", "2 minutes ago"],
    ["2026-01-02T00:04:05Z", "3 hours ago"],
    ["2025-12-30T03:04:05Z", "3 days ago"],
    ["2025-10-02T03:04:05Z", "3 months ago"],
    ["2024-01-02T03:04:05Z", "2 years ago"],
    ["2026-01-02T03:09:05Z", "in 5 minutes"],
    ["no time", "no time"],
  ])("say how long ago %s was", (time, text) => {
    expect(ago(time, NOW)).toBe(text);
  });

  it("say exactly when", () => {
    expect(exactTime("2026-01-02T03:04:05.678Z")).toBe("2026-01-02 03:04:05 UTC");
  });

  it("count", () => {
    expect([countOf(1, "build"), countOf(0, "build"), countOf(1234, "entry", "entries")]).toEqual([
      "1 build",
      "0 builds",
      "1,234 entries",
    ]);
  });

  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [27_858_617, "27.9 MB"],
    [999_960, "1000 kB"],
    [3e15, "3000 TB"],
  ])("say how large %i bytes are", (bytes, text) => {
    expect(byteText(bytes)).toBe(text);
  });

  it("name papers as people do", () => {
    expect(paperName("attestation", "https://cyclonedx.org/bom")).toBe("SBOM (CycloneDX)");
    expect(paperName("attestation", "https://cyclonedx.org/bom/v1.6")).toBe("SBOM (CycloneDX)");
    expect(paperName("attestation", "https://cyclonedx.org/bombast")).toBe("https://cyclonedx.org/bombast");
    expect(paperName("signature", "https://cyclonedx.org/bom")).toBe("Signature");
  });
});
