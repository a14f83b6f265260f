import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeUrl } from "#net/describeUrl.ts";
import { remoteText } from "#net/remoteText.ts";

describe("remoteText", () => {
  it("attack 36: leaves one short line without control characters", () => {
    expect(remoteText("\u001b[2Jone\r\n  two\u202e\u0000three ")).toBe("[2Jone   two three");
    expect(remoteText("x".repeat(200_000))).toHaveLength(301);
  });

  it("never gives a line break, a control character, half a character or a long text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
        const line = remoteText(text);
        expect(line.length).toBeLessThanOrEqual(301);
        expect(line).not.toMatch(/\p{Cc}|[\u2028\u2029\u202a-\u202e]/u);
      }),
    );
  });
});

describe("describeUrl", () => {
  it("shows no user, password, query or fragment", () => {
    const url = new URL("https://user:secret@host.test:8443/v2/a/blobs/uploads/1?X-Signature=secret#secret");
    expect(describeUrl(url)).toBe("https://host.test:8443/v2/a/blobs/uploads/1");
  });
});
