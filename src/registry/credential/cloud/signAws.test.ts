import { describe, expect, it } from "vitest";
import { signAws } from "#registry/credential/cloud/signAws.ts";

// The keys, the place and the expected signatures of AWS' own Signature Version 4 test suite (aws-sig-v4-test-suite).
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const PLACE = { region: "us-east-1", service: "service", at: Date.UTC(2015, 7, 30, 12, 36) };
const url = new URL("https://example.amazonaws.com/");
const SCOPE = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";

describe("signAws", () => {
  it.each([
    ["GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    ["POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
  ] as const)("signs %s as AWS' vectors do", (method, signature) => {
    expect(signAws({ method, url, headers: {}, body: Buffer.from("") }, KEYS, PLACE)).toEqual({
      "x-amz-date": "20150830T123600Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    });
  });

  it("signs a form with its type as AWS' vector does", () => {
    const request = {
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from("Param1=value1"),
    } as const;
    expect(signAws(request, KEYS, PLACE)["authorization"]).toBe(
      `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a`,
    );
  });

  it("signs the session token, too", () => {
    const signed = signAws(
      { method: "GET", url, headers: {}, body: Buffer.from("") },
      { ...KEYS, sessionToken: "t" },
      PLACE,
    );
    expect(signed["x-amz-security-token"]).toBe("t");
    expect(signed["authorization"]).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token,");
  });
});
