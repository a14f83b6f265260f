import type { VariableTopic } from "#cli/knownVariables.ts";

/** What the help of a command says besides its flags and examples. */
export interface ManualEntry {
  /** When it exits with 1; undefined: never. */
  readonly no?: string;
  /** Further variables that mean something to it; those that its flags speak of are known. */
  readonly variables?: readonly VariableTopic[];
  /** Commands to read on. */
  readonly seeAlso: readonly string[];
}

const unsigned = "no: an image does not carry what was asked for, by whom it was asked for";
const unsignedFile = "no: a file is not what was signed, or not signed by whom it was asked for";
const unfit = "no: the bundle would not verify";

/** By name of the command. */
export const MANUAL: Readonly<Record<string, ManualEntry>> = {
  issue: { variables: ["issue", "sbom"], seeAlso: ["show", "verify", "sbom", "sign", "attest"] },
  show: { seeAlso: ["tree", "verify", "issue"] },
  sign: { seeAlso: ["verify", "attest", "issue", "generate-key-pair"] },
  attest: { seeAlso: ["verify-attestation", "sign", "issue", "sbom"] },
  verify: { no: unsigned, seeAlso: ["verify-attestation", "sign", "show", "dockerfile verify", "manifest verify"] },
  "verify-attestation": { no: unsigned, seeAlso: ["verify", "attest", "download attestation"] },
  "manifest verify": { no: unsigned, seeAlso: ["dockerfile verify", "verify"] },
  "dockerfile verify": { no: unsigned, seeAlso: ["manifest verify", "verify"] },
  "sign-blob": { seeAlso: ["verify-blob", "attest-blob", "sign"] },
  "verify-blob": { no: unsignedFile, seeAlso: ["sign-blob", "verify-blob-attestation", "verify"] },
  "attest-blob": { seeAlso: ["verify-blob-attestation", "sign-blob", "attest"] },
  "verify-blob-attestation": { no: unsignedFile, seeAlso: ["attest-blob", "verify-blob"] },
  "bundle inspect": { seeAlso: ["bundle upgrade", "bundle create", "verify-blob", "download attestation"] },
  "bundle upgrade": { no: unfit, seeAlso: ["bundle inspect", "bundle create", "attach attestation"] },
  "bundle create": {
    no: unfit,
    seeAlso: ["bundle inspect", "bundle upgrade", "sign-blob", "verify-blob", "attach signature"],
  },
  tree: { seeAlso: ["show", "download signature", "download attestation", "clean"] },
  "download signature": { seeAlso: ["download attestation", "verify", "attach signature"] },
  "download attestation": { seeAlso: ["download signature", "download sbom", "verify-attestation"] },
  "download sbom": { seeAlso: ["sbom", "download attestation"] },
  triangulate: { seeAlso: ["tree", "download signature"] },
  generate: { seeAlso: ["attach signature", "sign"] },
  "attach signature": { seeAlso: ["generate", "attach attestation", "download signature"] },
  "attach attestation": { seeAlso: ["attach signature", "attest", "download attestation"] },
  clean: { seeAlso: ["tree", "show"] },
  sbom: { variables: ["sbom"], seeAlso: ["issue", "attest", "download sbom"] },
  "generate-key-pair": { variables: ["password"], seeAlso: ["import-key-pair", "public-key", "sign"] },
  "import-key-pair": { seeAlso: ["generate-key-pair", "public-key"] },
  "public-key": { seeAlso: ["generate-key-pair", "verify"] },
  "trusted-root create": { seeAlso: ["signing-config create", "verify"] },
  "signing-config create": { seeAlso: ["trusted-root create", "sign"] },
  initialize: { variables: ["trust"], seeAlso: ["verify", "trusted-root create", "env"] },
  copy: { seeAlso: ["save", "load", "tree"] },
  save: { seeAlso: ["load", "copy"] },
  load: { seeAlso: ["save", "copy"] },
  login: { seeAlso: ["logout", "doctor"] },
  logout: { seeAlso: ["login"] },
  "registry serve": { seeAlso: ["registry gc", "serve", "quickstart"] },
  "registry gc": { seeAlso: ["registry serve"] },
  serve: { variables: ["issue", "sbom"], seeAlso: ["tokens create", "store check", "registry serve", "issue"] },
  "tokens create": { seeAlso: ["tokens list", "tokens revoke", "serve"] },
  "tokens list": { seeAlso: ["tokens create", "tokens revoke"] },
  "tokens revoke": { seeAlso: ["tokens list", "tokens create"] },
  "store check": { no: "no: something is not as it should be", seeAlso: ["store rebuild", "serve"] },
  "store rebuild": { no: "no: papers and index contradict each other", seeAlso: ["store check", "serve"] },
  "dev-sigstore": { seeAlso: ["initialize", "verify", "verify-blob", "registry serve"] },
  quickstart: { seeAlso: ["issue", "verify", "serve"] },
  doctor: { no: "no: a line says fail", variables: ["password"], seeAlso: ["login", "env", "config explain"] },
  completion: { seeAlso: ["env", "config explain"] },
  env: { seeAlso: ["config explain", "doctor"] },
  "config explain": { seeAlso: ["env", "doctor"] },
  "conformance verify-bundle": { no: unsignedFile, seeAlso: ["verify-blob", "verify-blob-attestation"] },
  version: { seeAlso: ["doctor", "env"] },
};
