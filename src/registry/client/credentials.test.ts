import { describe, expect, it } from "vitest";
import { checkCredential } from "#registry/client/credentials.ts";
import type { Credential } from "#registry/client/credentials.ts";

describe("checkCredential", () => {
  const password = (username: string, secret: string): Credential => ({ kind: "password", username, password: secret });
  const token = (kind: "bearer" | "refresh", text: string): Credential => ({ kind, token: text });

  it.each([
    password("me\n", "s3cret"),
    password("me", "s3cret\r\nX-Evil: 1"),
    password("me", "s3cret\u0000"),
    password("me", "s3cret\u007f"),
    token("bearer", "s3cret\n"),
    token("bearer", "s3cret\r\nX-Evil: 1"),
    token("bearer", "s3cret s3cret"),
    token("bearer", "s3cret\u00e9"),
    token("refresh", "s3cret\t"),
  ])("refuses what cannot be sent, without repeating it: %j", (credential) => {
    const check = (): void => checkCredential(credential, "host.test");
    expect(check).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", exitCode: 2 }) as Error);
    expect(check).toThrow(/host\.test/);
    expect(check).not.toThrow(/s3cret|Evil/);
  });

  it("takes blanks and letters of any language in a password", () => {
    expect(() => checkCredential(password("j\u00f6rg", "p\u00e4ss wort: \u2603"), "host.test")).not.toThrow();
    expect(() => checkCredential(token("bearer", "eyJ.e-_~+/=="), "host.test")).not.toThrow();
  });
});
