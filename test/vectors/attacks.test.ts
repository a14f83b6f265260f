import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readBundle, writeBundle } from "#claims/bundle.ts";
import type { Claim } from "#claims/claim.ts";
import { pae, writeEnvelope } from "#claims/dsse.ts";
import { appendLegacyLayers, attestationLayer, readLegacyImage } from "#claims/legacyImage.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { writeSimpleSigning } from "#claims/simpleSigning.ts";
import { writeSignatureStatement } from "#claims/statement.ts";
import { digestHex, digestOf } from "#core/digest.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { claimIdentity } from "#trust/claimIdentity.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { codeOf } from "../fakes/codeOf.ts";
import { IN_BUNDLE, bundleClaim, envelopeClaim, simpleSigningClaim } from "../fakes/testKey.ts";
import {
  image,
  other,
  key,
  stranger,
  trust,
  SBOM,
  signature,
  attestation,
  anyAttestation,
  json,
  statement,
  simple,
  judge,
  legacy,
} from "./attackBench.ts";

const AT = new Date("2026-11-01T00:00:00Z");

// The attacks on images and signatures that claims and trust answer, by their numbers in the threat list. Others stand
// beside the code that answers them: 3 and 27 in core/verifiedBytes, 7 to 9 in core/manifest, core/digest, core/reference.

describe("controls", () => {
  it("good papers of both forms are accepted", () => {
    expect(judge(simpleSigningClaim(key, simple()), signature)).toBe("accepted");
    expect(judge(bundleClaim(key, writeSignatureStatement({ digest: image, annotations: {} })), signature)).toBe(
      "accepted",
    );
    expect(judge(legacy(statement()), attestation)).toBe("accepted");
    expect(judge(bundleClaim(key, statement()), anyAttestation)).toBe("accepted");
  });
});

describe("which image", () => {
  it("attack 3: a payload that was exchanged under its signature is refused", () => {
    const claim = simpleSigningClaim(key, simple());
    expect(judge({ ...claim, payload: simple(other) }, { ...signature, subject: other })).toBe("wrong-key");
  });

  it("attack 4: evidence about another image is refused, wherever it hangs", () => {
    expect(judge(simpleSigningClaim(key, simple(other)), signature)).toBe("subject");
    expect(judge(legacy(statement(other)), attestation)).toBe("subject");
    expect(judge(bundleClaim(key, statement(other)), attestation)).toBe("subject");
  });

  it("attack 5: the signed name is not compared, and it is there for whoever wants to", () => {
    const verdict = verifyClaim(simpleSigningClaim(key, simple(image, "evil.example/old")), trust, signature, AT);
    expect(verdict).toMatchObject({
      ok: true,
      claim: { document: { critical: { identity: { "docker-reference": "evil.example/old" } } } },
    });
  });

  it("attack 6: a signature on an index says nothing of its children", () => {
    const index = simpleSigningClaim(key, simple(digestOf("an index that lists the image")));
    expect(judge(index, signature)).toBe("subject");
  });

  it("attack 7: an index under a tag of papers is refused", () => {
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [] };
    const raw = rawManifest(json(index), MEDIA_TYPE.ociIndex);
    expect(codeOf(() => readLegacyImage(raw, "sig"))).toBe("INPUT_INVALID");
    expect(codeOf(() => appendLegacyLayers(raw, []))).toBe("INPUT_INVALID");
  });

  it("attack 7: an envelope under .sig and a payload under .att are no papers of that tag", () => {
    const { layer } = attestationLayer(writeEnvelope(MEDIA_TYPE.inToto, statement(), []), SBOM);
    const { manifest } = appendLegacyLayers(undefined, [layer]);
    expect(codeOf(() => readLegacyImage(manifest, "sig"))).toBe("INPUT_INVALID");
    expect(readLegacyImage(manifest, "att").layers).toHaveLength(1);
  });

  it.each([
    ["upper case", { sha256: digestHex(image).toUpperCase() }],
    ["short", { sha256: digestHex(image).slice(1) }],
    ["with its algorithm", { sha256: image }],
    ["a number", { sha256: 1 }],
    ["under another spelling", { SHA256: digestHex(image) }],
    ["none", {}],
  ])("attack 8: a subject digest that is %s is refused", (_, digest) => {
    const text = json({ _type: "https://in-toto.io/Statement/v1", subject: [{ digest }], predicateType: SBOM });
    expect(judge(legacy(text), attestation)).toBe("payload-malformed");
  });

  it("attack 8: a sha512 of the right length matches no sha256", () => {
    const digest = { sha512: digestHex(image).repeat(2) };
    const text = json({ _type: "https://in-toto.io/Statement/v1", subject: [{ digest }], predicateType: SBOM });
    expect(judge(legacy(text), attestation)).toBe("subject");
  });

  it("attack 9: a payload whose digest is written as a reference is refused", () => {
    const text = Buffer.from(simple()).toString().replace(image, `example.com/app@${image}`);
    expect(judge(simpleSigningClaim(key, Buffer.from(text)), signature)).toBe("payload-malformed");
  });
});

describe("what is said", () => {
  it("attack 11: the predicate type must be equal to the letter", () => {
    for (const type of [`${SBOM}/`, `${SBOM}/v1.6`, SBOM.toUpperCase(), ` ${SBOM}`]) {
      expect(judge(legacy(statement(image, type)), attestation)).toBe("predicate-type");
    }
  });

  it("attack 12: an attestation never counts as a signature", () => {
    expect(judge(bundleClaim(key, statement()), signature)).toBe("not-a-signature");
    expect(judge(legacy(statement()), signature)).toBe("not-a-signature");
  });

  it("attack 12: a signature never counts as an attestation, whatever type is asked for", () => {
    const bundle = bundleClaim(key, writeSignatureStatement({ digest: image, annotations: {} }));
    expect(judge(bundle, anyAttestation)).toBe("not-an-attestation");
    expect(judge(bundle, { ...attestation, predicateType: SIGNATURE_TYPE })).toBe("not-an-attestation");
    expect(judge(simpleSigningClaim(key, simple()), anyAttestation)).toBe("not-an-attestation");
  });

  it("attack 12: a simple-signing document of another type is no image signature, not even with unchecked claims", () => {
    const atomic = Buffer.from(simple()).toString().replace("cosign container image", "atomic container");
    const claim = simpleSigningClaim(key, Buffer.from(atomic));
    expect(judge(claim, signature)).toBe("not-a-signature");
    expect(judge(claim, { ...signature, checkClaims: false })).toBe("not-a-signature");
  });

  it("attack 13: only in-toto payloads count, even where another type was signed", () => {
    const payload = statement();
    for (const type of ["application/json", "application/vnd.in-toto+json ", "APPLICATION/VND.IN-TOTO+JSON", ""]) {
      expect(judge(envelopeClaim([key], payload, type), attestation)).toBe("payload-type");
    }
  });

  it("attack 13: a signature over another type does not fit the right one", () => {
    const signed = envelopeClaim([key], statement(), "application/json");
    const bent = { ...signed, envelope: { ...signed.envelope, payloadType: MEDIA_TYPE.inToto } };
    expect(judge(bent, attestation)).toBe("wrong-key");
  });

  it("attack 13: the lengths of the encoding leave no second reading", () => {
    expect(Buffer.from(pae("a", Buffer.from("b 1 c"))).toString()).toBe("DSSEv1 1 a 5 b 1 c");
    expect(Buffer.from(pae("é", Buffer.from("é"))).toString()).toBe("DSSEv1 2 é 2 é");
  });

  it.each([["garbage"], [""], ["[]"], ["null"], ['{"subject":[]}'], ["{}"]])(
    "attack 14: correctly signed %j counts as nothing",
    (text) => {
      const payload = Buffer.from(text);
      for (const requirement of [attestation, anyAttestation, { ...anyAttestation, checkClaims: false }]) {
        expect(["payload-malformed", "statement-type"]).toContain(judge(legacy(payload), requirement));
      }
      expect(judge(simpleSigningClaim(key, payload), { ...signature, checkClaims: false })).toBe("payload-malformed");
    },
  );

  it("attack 14: a statement of an unknown type counts as nothing", () => {
    const text = Buffer.from(statement()).toString().replace("Statement/v1", "Statement/v2");
    expect(judge(legacy(Buffer.from(text)), attestation)).toBe("statement-type");
  });
});

describe("who says it", () => {
  it("attack 19: one key in two formats, or listed twice, is one signer of one claim", () => {
    const twice: TrustMaterial = { keys: [key.trusted, { name: "alias", key: { ...key.trusted.key } }] };
    const payload = statement();
    const identities = [
      envelopeClaim([key], payload),
      bundleClaim(key, payload),
      envelopeClaim([key, key], payload),
    ].map((claim) => {
      const verdict = verifyClaim(claim, twice, attestation, AT);
      return verdict.ok ? [claimIdentity(verdict.claim), verdict.claim.signer.name] : verdict.refusal;
    });
    expect(identities[0]).toEqual([expect.any(String), "ours"]);
    expect(identities).toEqual([identities[0], identities[0], identities[0]]);
  });

  it("attack 19: the two forms of a signature are one claim; another signer's is another", () => {
    const both: TrustMaterial = { keys: [key.trusted, stranger.trusted] };
    const annotations = { b: "2", a: "1" };
    const payload = writeSimpleSigning({ dockerReference: "example.com/app", digest: image, annotations });
    const bundled = writeSignatureStatement({ digest: image, annotations });
    const [one, two, three] = [
      simpleSigningClaim(key, payload),
      bundleClaim(key, bundled),
      bundleClaim(stranger, bundled),
    ].map((claim) => {
      const verdict = verifyClaim(claim, both, signature, AT);
      return verdict.ok ? claimIdentity(verdict.claim) : verdict.refusal.reason;
    });
    expect(one).toBe(two);
    expect(three).not.toBe(two);
  });

  it("attack 23: a signature with another hash than the key's is refused", () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
    const claim = (hash: string): Claim => ({
      ...simpleSigningClaim(key, simple()),
      signature: sign(hash, simple(), pair.privateKey),
    });
    const by: TrustMaterial = { keys: [{ name: "pair", key: parsePublicKey(pem) }] };
    expect(judge(claim("sha256"), signature, by)).toBe("accepted");
    for (const hash of ["sha1", "sha384", "sha512"]) expect(judge(claim(hash), signature, by)).toBe("wrong-key");
  });

  it("attack 25: nobody's word counts without a trusted key's signature", () => {
    expect(judge(bundleClaim(stranger, statement()), attestation)).toBe("wrong-key");
    expect(judge(simpleSigningClaim(stranger, simple()), signature)).toBe("wrong-key");
    expect(judge(bundleClaim(key, statement()), attestation, { keys: [] })).toBe("wrong-key");
    expect(judge(envelopeClaim([], statement()), attestation)).toBe("signature-count");
  });

  it("attack 25: a key that a bundle names is no proof that it signed", () => {
    const signed = stranger.sign(pae(MEDIA_TYPE.inToto, statement()));
    const parts = { payloadType: MEDIA_TYPE.inToto, payload: statement(), signature: signed };
    const bundle = readBundle(writeBundle({ ...parts, publicKeySpki: key.trusted.key.spki }), IN_BUNDLE);
    expect(judge(bundle, attestation)).toBe("bad-signature");
  });
});
