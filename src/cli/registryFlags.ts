import { flag } from "#cli/flag.ts";
import type { FlagValues } from "#cli/flag.ts";
import { refusedPlaceFlags } from "#cli/refusedFlags.ts";

const credentialFlags = flag.grouped("Registry", {
  registryUsername: flag.text({ value: "NAME", summary: "user name for the registry" }),
  registryPassword: flag.text({ value: "PASSWORD", secret: true, summary: "password for the registry" }),
  registryToken: flag.text({ value: "TOKEN", secret: true, summary: "bearer token for the registry" }),
});

/** How a registry is reached, and where its credentials are kept. */
export const connectionFlags = flag.grouped("Registry", {
  registryConfig: flag.text({
    value: "PATH",
    summary: "the only file with credentials, as docker, podman or Kubernetes keep it, or its directory",
  }),
  k8sKeychain: flag.toggle({
    default: true,
    summary: "ask the cloud whose registry it is, where nothing else knows it (ECR, Artifact Registry, ACR)",
  }),
  registryCacert: flag.text({
    value: "FILE",
    summary: "PEM file of the certificate authorities to trust besides the system's",
  }),
  registryClientCert: flag.text({ value: "FILE", summary: "PEM file of the certificate to show to the registry" }),
  registryClientKey: flag.text({ value: "FILE", summary: "PEM file of that certificate's private key" }),
  registryServerName: flag.text({
    value: "NAME",
    summary: "name that the registry's certificate must have, in place of the host's",
  }),
  allowHttpRegistry: flag.toggle({ default: false, summary: "allow plain http, with credentials too" }),
  allowInsecureRegistry: flag.toggle({ default: false, summary: "do not check the registry's TLS certificate" }),
});

/** Flags of every command that talks to a registry; names and meanings are cosign's. */
export const registryFlags = { ...credentialFlags, ...connectionFlags, ...refusedPlaceFlags };

export type ConnectionValues = FlagValues<typeof connectionFlags>;
export type RegistryValues = FlagValues<typeof credentialFlags> & ConnectionValues;
