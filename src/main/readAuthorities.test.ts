import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, describe, expect, it } from "vitest";
import { readAuthorities } from "#main/readAuthorities.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-authorities-"));
afterAll(() => rmSync(root, { recursive: true }));
const ctx = testCtx();

const fileOf = (text: string): string => {
  const path = join(root, "ca.pem");
  writeFileSync(path, text);
  return path;
};

describe("readAuthorities", () => {
  it("gives the file as it is, with what stands between the certificates", async () => {
    const text = `# ours\n${rootCertificates.slice(0, 2).join("\n# another\n")}\n`;
    expect(await readAuthorities(ctx, fileOf(text))).toBe(text);
    expect(await readAuthorities(ctx, undefined)).toBeUndefined();
  });

  it.each(["", "anna:hash\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])(
    "refuses a file without a certificate: %j",
    async (text) => {
      await expect(readAuthorities(ctx, fileOf(text))).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("holds no certificate") as string,
      });
    },
  );
});
