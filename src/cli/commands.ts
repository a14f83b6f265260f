import type { AnyCommand } from "#cli/command.ts";

/** A line of the command table: enough for the overview without loading the command. */
export interface CommandEntry {
  /** One word, or two for a member of a group. */
  readonly name: string;
  readonly group: "Papers" | "Keys" | "Trust" | "Registries" | "Control plane" | "Program";
  readonly summary: string;
  /** For programs that know it: in no list, and still with a help of its own. */
  readonly hidden?: true;
  readonly load: () => Promise<{ readonly command: AnyCommand }>;
}

/** Every command, in the order of the overview. Each is a chunk of its own in the built program. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "issue",
    group: "Papers",
    summary: "give an image its papers: SBOM, provenance and signature in one pass",
    load: () => import("#cli/command/issue.ts"),
  },
  {
    name: "show",
    group: "Papers",
    summary: "an image and all its papers on one screen",
    load: () => import("#cli/command/show.ts"),
  },
  {
    name: "sign",
    group: "Papers",
    summary: "sign images",
    load: () => import("#cli/command/sign.ts"),
  },
  {
    name: "attest",
    group: "Papers",
    summary: "sign a statement about images",
    load: () => import("#cli/command/attest.ts"),
  },
  {
    name: "verify",
    group: "Papers",
    summary: "check that images are signed",
    load: () => import("#cli/command/verify.ts"),
  },
  {
    name: "verify-attestation",
    group: "Papers",
    summary: "check attestations and print them",
    load: () => import("#cli/command/verify-attestation.ts"),
  },
  {
    name: "manifest verify",
    group: "Papers",
    summary: "check that the images in Kubernetes manifests and compose files are signed",
    load: () => import("#cli/command/manifest-verify.ts"),
  },
  {
    name: "dockerfile verify",
    group: "Papers",
    summary: "check that the images in Dockerfiles are signed",
    load: () => import("#cli/command/dockerfile-verify.ts"),
  },
  {
    name: "sign-blob",
    group: "Papers",
    summary: "sign files",
    load: () => import("#cli/command/sign-blob.ts"),
  },
  {
    name: "verify-blob",
    group: "Papers",
    summary: "check that files are signed",
    load: () => import("#cli/command/verify-blob.ts"),
  },
  {
    name: "attest-blob",
    group: "Papers",
    summary: "sign a statement about files",
    load: () => import("#cli/command/attest-blob.ts"),
  },
  {
    name: "verify-blob-attestation",
    group: "Papers",
    summary: "check statements about files",
    load: () => import("#cli/command/verify-blob-attestation.ts"),
  },
  {
    name: "bundle inspect",
    group: "Papers",
    summary: "what is in a Sigstore bundle",
    load: () => import("#cli/command/bundle-inspect.ts"),
  },
  {
    name: "bundle upgrade",
    group: "Papers",
    summary: "make a bundle v0.3 of an older one",
    load: () => import("#cli/command/bundle-upgrade.ts"),
  },
  {
    name: "bundle create",
    group: "Papers",
    summary: "make a bundle of a signature or an envelope",
    load: () => import("#cli/command/bundle-create.ts"),
  },
  {
    name: "tree",
    group: "Papers",
    summary: "everything that hangs on an image, papers of papers too",
    load: () => import("#cli/command/tree.ts"),
  },
  {
    name: "download signature",
    group: "Papers",
    summary: "print the signatures of an image as they are",
    load: () => import("#cli/command/download-signature.ts"),
  },
  {
    name: "download attestation",
    group: "Papers",
    summary: "print the attestations of an image as they are",
    load: () => import("#cli/command/download-attestation.ts"),
  },
  {
    name: "download sbom",
    group: "Papers",
    summary: "print the SBOM of an image",
    load: () => import("#cli/command/download-sbom.ts"),
  },
  {
    name: "triangulate",
    group: "Papers",
    summary: "print the tag under which papers are kept",
    load: () => import("#cli/command/triangulate.ts"),
  },
  {
    name: "generate",
    group: "Papers",
    summary: "print what would be signed, for other tools to sign",
    load: () => import("#cli/command/generate.ts"),
  },
  {
    name: "attach signature",
    group: "Papers",
    summary: "bring a signature that was made elsewhere",
    load: () => import("#cli/command/attach-signature.ts"),
  },
  {
    name: "attach attestation",
    group: "Papers",
    summary: "bring attestations that were made elsewhere",
    load: () => import("#cli/command/attach-attestation.ts"),
  },
  {
    name: "clean",
    group: "Papers",
    summary: "remove papers of an image, never the image",
    load: () => import("#cli/command/clean.ts"),
  },
  {
    name: "sbom",
    group: "Papers",
    summary: "list what is in an image",
    load: () => import("#cli/command/sbom.ts"),
  },
  {
    name: "generate-key-pair",
    group: "Keys",
    summary: "make a key pair",
    load: () => import("#cli/command/generate-key-pair.ts"),
  },
  {
    name: "import-key-pair",
    group: "Keys",
    summary: "encrypt an existing private key for signing",
    load: () => import("#cli/command/import-key-pair.ts"),
  },
  {
    name: "public-key",
    group: "Keys",
    summary: "print the public half of a key",
    load: () => import("#cli/command/public-key.ts"),
  },
  {
    name: "trusted-root create",
    group: "Trust",
    summary: "make a trusted root: whom to believe certificates, times and logs",
    load: () => import("#cli/command/trusted-root-create.ts"),
  },
  {
    name: "signing-config create",
    group: "Trust",
    summary: "make a signing config: the services of keyless signers",
    load: () => import("#cli/command/signing-config-create.ts"),
  },
  {
    name: "initialize",
    group: "Trust",
    summary: "choose the TUF mirror that tells whom to trust",
    load: () => import("#cli/command/initialize.ts"),
  },
  {
    name: "copy",
    group: "Registries",
    summary: "copy images with all their papers",
    load: () => import("#cli/command/copy.ts"),
  },
  {
    name: "save",
    group: "Registries",
    summary: "copy an image with all its papers into a layout directory",
    load: () => import("#cli/command/save.ts"),
  },
  {
    name: "load",
    group: "Registries",
    summary: "copy the image of a layout directory to a registry",
    load: () => import("#cli/command/load.ts"),
  },
  {
    name: "login",
    group: "Registries",
    summary: "keep a user name and a password for a registry",
    load: () => import("#cli/command/login.ts"),
  },
  {
    name: "logout",
    group: "Registries",
    summary: "forget what was kept for a registry",
    load: () => import("#cli/command/logout.ts"),
  },
  {
    name: "registry serve",
    group: "Registries",
    summary: "run an OCI registry in this process",
    load: () => import("#cli/command/registry-serve.ts"),
  },
  {
    name: "registry gc",
    group: "Registries",
    summary: "remove from a registry's directory what nothing needs",
    load: () => import("#cli/command/registry-gc.ts"),
  },
  {
    name: "serve",
    group: "Control plane",
    summary: "run the API and the worker that issue and show papers",
    load: () => import("#cli/command/serve.ts"),
  },
  {
    name: "tokens create",
    group: "Control plane",
    summary: "make a token for the API",
    load: () => import("#cli/command/tokens-create.ts"),
  },
  {
    name: "tokens list",
    group: "Control plane",
    summary: "list the tokens of a tenant",
    load: () => import("#cli/command/tokens-list.ts"),
  },
  {
    name: "tokens revoke",
    group: "Control plane",
    summary: "make a token useless",
    load: () => import("#cli/command/tokens-revoke.ts"),
  },
  {
    name: "store check",
    group: "Control plane",
    summary: "look whether everything kept is whole",
    load: () => import("#cli/command/store-check.ts"),
  },
  {
    name: "store rebuild",
    group: "Control plane",
    summary: "make the index again from the papers in registries",
    load: () => import("#cli/command/store-rebuild.ts"),
  },
  {
    name: "quickstart",
    group: "Program",
    summary: "see everything once, on this machine alone",
    load: () => import("#cli/command/quickstart.ts"),
  },
  {
    name: "dev-sigstore",
    group: "Program",
    summary: "run a Sigstore of your own on this machine, to try keyless signing",
    load: () => import("#cli/command/dev-sigstore.ts"),
  },
  {
    name: "doctor",
    group: "Program",
    summary: "look whether registries, logins and keys are fit to work with",
    load: () => import("#cli/command/doctor.ts"),
  },
  {
    name: "completion",
    group: "Program",
    summary: "print a script for completion in bash, zsh or fish",
    load: () => import("#cli/command/completion.ts"),
  },
  {
    name: "env",
    group: "Program",
    summary: "print the variables that are read",
    load: () => import("#cli/command/env.ts"),
  },
  {
    name: "config explain",
    group: "Program",
    summary: "say what every setting is, and where it came from",
    load: () => import("#cli/command/config-explain.ts"),
  },
  {
    name: "conformance verify-bundle",
    group: "Program",
    summary: "the client protocol of Sigstore's conformance suite",
    hidden: true,
    load: () => import("#cli/command/conformance-verify-bundle.ts"),
  },
  {
    name: "version",
    group: "Program",
    summary: "say which version this is and what it runs on",
    load: () => import("#cli/command/version.ts"),
  },
];
