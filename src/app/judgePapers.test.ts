import { describe, expect, it } from "vitest";
import type { Candidate } from "#claims/claim.ts";
import { pae } from "#claims/dsse.ts";
import { writeStatement } from "#claims/statement.ts";
import { digestOf } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import { createJudge } from "#app/judgePapers.ts";

const ctx = testCtx();
const subject = digestOf("an image");
const requirement = { kind: "attestation", subject, predicateType: undefined, checkClaims: true } as const;

describe("createJudge", () => {
  it("lets every key that signed one envelope speak, and one key listed twice only once", async () => {
    const signers = [createTestSigner(), createTestSigner(), createTestSigner()] as const;
    const payload = writeStatement({
      subjects: [{ digest: subject }],
      predicateType: "https://example.com/review/v1",
      predicate: Buffer.from("{}"),
    });
    const signed = await Promise.all(
      signers
        .slice(0, 2)
        .map(async (one) => ({ keyid: "", sig: await one.sign(ctx, pae(MEDIA_TYPE.inToto, payload)) })),
    );
    const candidate: Candidate = {
      kind: "dsse",
      found: { form: "legacy", manifest: digestOf("a manifest"), tag: "x.att", layer: 0 },
      envelope: { payloadType: MEDIA_TYPE.inToto, payload, signatures: signed },
      material: "none",
      bytes: payload,
    };
    const names = ["first", "second", "third", "first again"];
    const keys = [...signers, signers[0]].map(({ publicKey }, at) => ({ name: names[at] ?? "", key: publicKey }));
    const judge = createJudge({ keys }, requirement, new Date("2026-11-01T00:00:00Z"));
    judge.add([candidate]);
    expect(judge.judgement().claims.map(({ claim }) => claim.signer.name)).toEqual(["first", "second"]);
  });
});
