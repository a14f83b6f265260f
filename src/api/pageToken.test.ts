import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPageToken, writePageToken } from "#api/pageToken.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

describe("page tokens", () => {
  it("come back as they were, for their own list alone", () => {
    const row = fc.stringMatching(/^[^\p{Cc}]{1,50}$/u).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(fc.string(), row, fc.nat(), (list, after, seen) => {
        const token = writePageToken(list, { after, seen });
        expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(readPageToken(list, token)).toEqual({ after, seen });
        expect(codeOf(() => readPageToken(`${list} `, token))).toBe("REQUEST_INVALID");
      }),
    );
  });

  it("are refused where they are anything else", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json()), (text) => {
        expect(codeOf(() => readPageToken("list", text))).toBe("REQUEST_INVALID");
        expect(codeOf(() => readPageToken("list", Buffer.from(text).toString("base64url")))).toBe("REQUEST_INVALID");
      }),
    );
  });

  it("hold no control characters, which a store would stumble over", () => {
    const token = writePageToken("list", { after: "a\u0000b", seen: 1 });
    expect(codeOf(() => readPageToken("list", token))).toBe("REQUEST_INVALID");
  });
});
