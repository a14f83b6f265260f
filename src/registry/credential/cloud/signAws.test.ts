import { describe, expect, it } from "vitest";
import { signAws } from "#registry/credential/cloud/signAws.ts";

// The keys, the place and the expected signatures of AWS' own Signature Version 4 test suite, as it is published in
// awslabs/aws-c-auth below tests/aws-signing-test-suite/v4.
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

  // The token of AWS' examples, which nobody can use.
  const TOKEN =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

  it("signs the session token as AWS' vector post-sts-header-before does", () => {
    const request = { method: "POST", url, headers: {}, body: Buffer.from("") } as const;
    expect(signAws(request, { ...KEYS, sessionToken: TOKEN }, PLACE)).toEqual({
      "x-amz-date": "20150830T123600Z",
      "x-amz-security-token": TOKEN,
      authorization: `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead`,
    });
  });

  // Names in order, values as they are but for the blanks at their ends and several within.
  it.each([
    [
      "get-header-value-trim",
      "GET",
      { "my-header2": '"a   b   c"', "my-header1": " value1" },
      "host;my-header1;my-header2;x-amz-date",
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ],
    [
      "post-header-key-sort",
      "POST",
      { "my-header1": "value1" },
      "host;my-header1;x-amz-date",
      "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ],
    [
      "post-header-value-case",
      "POST",
      { "my-header1": "VALUE1" },
      "host;my-header1;x-amz-date",
      "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ],
  ] as const)("signs headers as AWS' vector %s does", (_name, method, headers, names, signature) => {
    expect(signAws({ method, url, headers, body: Buffer.from("") }, KEYS, PLACE)["authorization"]).toBe(
      `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=${names}, Signature=${signature}`,
    );
  });
});
