import { describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import { WaybillError } from "#core/errors.ts";
import type { ImagePlace } from "#app/imagePlace.ts";
import { pinImages } from "#app/pinImages.ts";
import { signImages } from "#app/signImages.ts";
import { exitCodeOf } from "#app/verifyImages.ts";
import { verifyPlaces } from "#app/verifyPlaces.ts";
import type { CheckedPlaces } from "#app/verifyPlaces.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { createMemoryRepositories, pushImage } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";

const place = (reference: string, line: number, end?: number): ImagePlace => ({
  line,
  role: "FROM",
  image: { kind: "named", reference },
  end,
});

const setUp = async (wrap?: (repository: Repository) => Repository) => {
  const repositories = createMemoryRepositories(wrap);
  const signer = createTestSigner();
  const digest = await pushImage(ctx, repositories.at(NAME), "1.0", "signed");
  await pushImage(ctx, repositories.at(NAME), "latest", "unsigned");
  const paper = { kind: "signature", annotations: {} } as const;
  const options = { storage: "both", recursive: false, dryRun: false, maxWorkers: 4, settleMs: 0 } as const;
  await signImages({ repositories, signer })(ctx, { ...options, references: [`${NAME}:1.0`], paper });
  const verify = (...places: readonly ImagePlace[]): Promise<CheckedPlaces> =>
    verifyPlaces({ repositories })(ctx, {
      files: [{ name: "f", images: { places, notes: [] } }],
      wanted: { kind: "signature", annotations: {}, checkClaims: true },
      trust: { keys: [{ name: "key", key: signer.publicKey }] },
      storage: "both",
      maxWorkers: 4,
    });
  return { digest, verify };
};

const answers = ({ places }: CheckedPlaces): readonly string[] =>
  places.map(({ checked }) => (checked.kind === "undecided" ? checked.error.code : checked.verdict.ok ? "yes" : "no"));

describe("verifyPlaces", () => {
  it("resolves a name once, however it is spelled", async () => {
    const asked: string[] = [];
    const { digest, verify } = await setUp((repository) => ({
      ...repository,
      readManifest: (one, name) => {
        if (name === "1.0" || name === "latest") asked.push(name);
        return repository.readManifest(one, name);
      },
    }));
    asked.length = 0;
    const checked = await verify(
      place(`${NAME}:1.0`, 1),
      place(`REGISTRY.example/acme/app:1.0`, 2),
      place(NAME, 3),
      place(`${NAME}:latest`, 4),
      place(`${NAME}:1.0@${digest}`, 5),
      place(`${NAME}@${digest}`, 6),
    );
    expect(asked.toSorted()).toEqual(["1.0", "latest"]);
    expect(checked.images).toHaveLength(3);
    expect(answers(checked)).toEqual(["yes", "yes", "no", "no", "yes", "yes"]);
  });

  it("never passes over what it cannot tell", async () => {
    const { verify } = await setUp();
    const unknown: ImagePlace = {
      line: 7,
      role: "FROM",
      image: { kind: "unknown", error: new WaybillError("INPUT_INVALID", "TAG has no value", { hint: "Give it." }) },
      end: 3,
    };
    const checked = await verify(
      place(`${NAME}:1.0`, 1),
      unknown,
      place("", 2),
      place("{{ .Values.image }}", 3),
      place("oci:./layout:1.0", 4),
      place(`${NAME}:gone`, 5),
    );
    expect(answers(checked)).toEqual([
      "yes",
      "INPUT_INVALID",
      "INPUT_INVALID",
      "INPUT_INVALID",
      "INPUT_INVALID",
      "NOT_FOUND",
    ]);
    expect(exitCodeOf(checked.places.map((one) => one.checked))).toBe(3);
    const [, second] = checked.places;
    expect(second?.checked).toMatchObject({ error: { message: "f:7: FROM: TAG has no value", hint: "Give it." } });
  });

  it("refuses files that name nothing, and too many images", async () => {
    const { verify } = await setUp();
    expect(await codeOfPromise(verify())).toBe("INPUT_INVALID");
    const many = Array.from({ length: 1001 }, (_, at) => place(`${NAME}:${at}`, at));
    expect(await codeOfPromise(verify(...many))).toBe("LIMIT_EXCEEDED");
  });
});

describe("pinImages", () => {
  it("adds digests behind names and changes nothing else", async () => {
    const { digest, verify } = await setUp();
    const text = `FROM ${NAME}:1.0 AS x\r\nCOPY --from=${NAME}:1.0 /a /a # \u00e9`;
    const first = `FROM ${NAME}:1.0`.length;
    const second = text.indexOf(" /a");
    // The same place twice, as with an alias of YAML's.
    const checked = await verify(
      place(`${NAME}:1.0`, 2, second),
      place(`${NAME}:1.0`, 1, first),
      place(`${NAME}:1.0`, 1, first),
      place(`${NAME}:0@${digest}`, 3),
    );
    expect(pinImages(text, checked.places)).toBe(text.replaceAll(":1.0", `:1.0@${digest}`));
  });

  it("writes nothing for what is not verified, or where nothing can be added", async () => {
    const { verify } = await setUp();
    const one = await verify(place(`${NAME}:1.0`, 1, 3), place(NAME, 2, 5));
    expect(codeOf(() => pinImages("x", one.places))).toBe("INPUT_INVALID");
    const other = await verify(place(`${NAME}:1.0`, 1));
    expect(codeOf(() => pinImages("x", other.places))).toBe("INPUT_INVALID");
  });
});
