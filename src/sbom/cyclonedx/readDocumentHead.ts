import { WaybillError } from "#core/errors.ts";

/** What a document of this program says of itself and of the image that it is about. */
export interface DocumentHead {
  readonly serialNumber: string;
  readonly timestamp: string | undefined;
  /** bom-ref and purl of the image. */
  readonly ref: string;
  readonly name: string;
  readonly version: string;
  readonly hashes: unknown;
  /** Those that tell platforms apart. */
  readonly properties: readonly { readonly name: string; readonly value: string }[];
}

interface OwnDocument {
  readonly serialNumber?: string;
  readonly metadata?: {
    readonly timestamp?: string;
    readonly component?: {
      readonly "bom-ref"?: string;
      readonly name?: string;
      readonly version?: string;
      readonly hashes?: unknown;
      readonly properties?: DocumentHead["properties"];
    };
  };
}

/** Reads what `writeCycloneDx` or `writeCycloneDxIndex` wrote. INPUT_INVALID for anything else. */
export const readDocumentHead = (document: Uint8Array): DocumentHead => {
  const { serialNumber, metadata } = readOwn(document);
  const { "bom-ref": ref, name, version, hashes, properties = [] } = metadata?.component ?? {};
  if (serialNumber === undefined || ref === undefined || name === undefined || version === undefined) {
    throw new WaybillError("INPUT_INVALID", "a list of contents does not say what it is about");
  }
  return {
    serialNumber,
    timestamp: metadata?.timestamp,
    ref,
    name,
    version,
    hashes,
    properties: properties.filter((one) => /^waybill:(?:image|index):/.test(one.name)),
  };
};

const readOwn = (document: Uint8Array): OwnDocument => {
  try {
    return JSON.parse(Buffer.from(document).toString()) as OwnDocument;
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", "a list of contents is not JSON", { cause });
  }
};
