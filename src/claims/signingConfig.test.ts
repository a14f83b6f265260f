import { describe, expect, it } from "vitest";
import { readSigningConfig, writeSigningConfig } from "#claims/signingConfig.ts";

// As cosign 3.1.2's signing-config create writes it, blanks left out.
const WHOLE =
  '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","caUrls":[{"url":"https://f.example","majorApiVersion":1,"validFor":{"start":"2024-01-01T00:00:00Z","end":"2025-01-01T00:00:00Z"},"operator":"op"}],"oidcUrls":[{"url":"https://o.example","validFor":{"start":"2024-01-01T00:00:00Z"},"operator":"op"}],"rekorTlogUrls":[{"url":"https://r.example","majorApiVersion":2,"validFor":{"start":"2024-01-01T00:00:00Z"},"operator":"op"}],"rekorTlogConfig":{"selector":"ANY"},"tsaUrls":[{"url":"https://t.example","majorApiVersion":1,"validFor":{"start":"2024-01-01T00:00:00Z"},"operator":"op"}],"tsaConfig":{"selector":"EXACT","count":2}}';
const EMPTY =
  '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}';

const again = (text: string): string =>
  Buffer.from(writeSigningConfig(readSigningConfig(Buffer.from(text), "config.json"))).toString();

describe("readSigningConfig", () => {
  it.each([WHOLE, EMPTY])("reads what is written, to the byte", (text) => {
    expect(again(text)).toBe(text);
  });

  it("reads the other spellings of protojson", () => {
    const other = WHOLE.replace("caUrls", "ca_urls")
      .replace('"selector":"ANY"', '"selector":2')
      .replace('"count":2', '"count":"2"')
      .replace("2024-01-01T00:00:00Z", "2024-01-01T02:00:00+02:00");
    expect(again(other)).toBe(WHOLE);
  });

  it.each([
    ["caUrls", "caUrl", "unknown field"],
    ["v0.2", "v0.1", "media type"],
    ['"operator":"op"', '"operator":""', "operator is missing"],
    ['"url":"https://f.example",', "", "url is missing"],
    ['"start":"2024-01-01T00:00:00Z",', "", "start is missing"],
    ['"end":"2025-01-01T00:00:00Z"', '"end":"soon"', "no RFC 3339 time"],
    ['"majorApiVersion":1', '"majorApiVersion":-1', "no whole number"],
    ['"selector":"EXACT"', '"selector":"SOME"', "none of ALL, ANY, EXACT"],
  ])("refuses %s as %s", (old, other, reason) => {
    expect(WHOLE).toContain(old);
    const wrong = Buffer.from(WHOLE.replace(old, other));
    expect(() => readSigningConfig(wrong, "config.json")).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", message: expect.stringContaining(reason) as string }),
    );
  });
});
