import { beforeEach, describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import { manifestDescriptor, rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { clientBench } from "../../../test/fakes/clientBench.ts";
import type { FaultRegistry } from "../../../test/fakes/faultRegistry.ts";
import { always, hastyCtx, openTestClient } from "../../../test/fakes/openTestClient.ts";
import { QUIRKS } from "../../../test/fakes/quirks.ts";

const ctx = hastyCtx();
const bench = clientBench();
let registry: FaultRegistry;
let repository: Repository;
beforeEach(() => {
  registry = bench.registry();
  repository = bench.repository();
});

const manifestOf = (members: object, mediaType: string = MEDIA_TYPE.ociManifest): RawManifest => {
  const config = { mediaType: MEDIA_TYPE.ociEmpty, digest: digestOf("{}"), size: 2 };
  return rawManifest(
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [], ...members })),
    mediaType,
  );
};
const image = manifestOf({ annotations: { is: "image" } });

describe("registries with habits of their own", () => {
  it.each([QUIRKS.harborImmutable, QUIRKS.ecrImmutable])("keep tags for ever ($source)", async ({ make }) => {
    make(registry);
    await repository.writeManifest(ctx, image, "1.0");
    await expect(repository.writeManifest(ctx, manifestOf({}), "1.0")).rejects.toMatchObject({ code: "TAG_IMMUTABLE" });
    await repository.writeManifest(ctx, manifestOf({}), undefined);
  });

  it("Harbor lets only cosign's kind see what is unsigned", async () => {
    await repository.writeManifest(ctx, image, "1.0");
    QUIRKS.harborEnforcement.make(registry);
    await expect(repository.readManifest(ctx, "1.0")).rejects.toMatchObject({
      code: "REGISTRY_REFUSED",
      message: expect.stringContaining("PROJECTPOLICYVIOLATION: The image is not signed by cosign.") as string,
      hint: expect.stringContaining("credentials that may push") as string,
    });
    const { fault } = registry;
    registry.fault = (request, response) => {
      if (request.url !== "/v2/" || request.headers.authorization !== undefined) return fault(request, response);
      response.writeHead(401, { "www-authenticate": 'Basic realm="harbor"' }).end("{}");
      return true;
    };
    const credentials = always({ kind: "password", username: "robot", password: "secret" });
    const signer = openTestClient({ credentials, allowHttp: true })(`${registry.host}/team/app`, "write");
    expect((await signer.readManifest(ctx, "1.0"))?.digest).toBe(image.digest);
  });

  it("Quay's older versions refuse media types, and say so in their own words", async () => {
    QUIRKS.quayMediaTypes.make(registry);
    await expect(repository.writeManifest(ctx, image, "1.0")).rejects.toMatchObject({
      code: "REGISTRY_REFUSED",
      message: expect.stringContaining("MANIFEST_INVALID") as string,
    });
    await repository.writeManifest(ctx, manifestOf({}, MEDIA_TYPE.dockerManifest), "1.0");
  });

  it("ECR has said OCI-Subject without listing anything: the tag lists", async () => {
    QUIRKS.ecrSubjectHeader.make(registry);
    await repository.writeManifest(ctx, image, "1.0");
    const paper = manifestOf({ artifactType: "application/x", subject: manifestDescriptor(image) });
    await repository.writeReferrers(ctx, image.digest, [paper]);
    expect(registry.tags.has(`team/app:${image.digest.replace(":", "-")}`)).toBe(true);
    expect(await repository.listReferrers(ctx, image.digest)).toHaveLength(1);
  });
});
