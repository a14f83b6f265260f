import type { Access, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { apiHost } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import type { ClientIdentity } from "#net/connector.ts";
import type { HttpAnswer, Send } from "#net/send.ts";
import { createTransport } from "#net/transport.ts";
import type { TransportOptions } from "#net/transport.ts";
import { openBlobs } from "#registry/client/blobs.ts";
import { checkLogin } from "#registry/client/checkLogin.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import { openManifests } from "#registry/client/manifests.ts";
import { openMounter } from "#registry/client/mountBlob.ts";
import { probeRepository } from "#registry/client/probeRepository.ts";
import type { RepositoryProbe } from "#registry/client/probeRepository.ts";
import { openReferrers } from "#registry/client/referrers.ts";
import { openRepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import { openSession } from "#registry/client/session.ts";
import type { RegistrySession } from "#registry/client/session.ts";
import { openTags } from "#registry/client/tags.ts";

export interface RegistryClientOptions extends Omit<TransportOptions, "identity"> {
  readonly credentials: CredentialSource;
  /** For the registries that references name, and nobody to whom they send us: neither storage nor token services. */
  readonly identity?: Omit<ClientIdentity, "isFor"> | undefined;
  /** Sees every answer, of token services too. */
  readonly watch?: ((answer: Pick<HttpAnswer, "url" | "headers">) => void) | undefined;
  /** Where layers are hashed; here, when not given. */
  readonly startDigest?: StartDigest | undefined;
}

/** Registries over HTTP; all repositories share connections, schemes, challenges and tokens. */
export interface RegistryClient {
  /** Opens without a request. `write` asks for leave to push from the first token on. */
  readonly repository: (reference: RegistryReference, access?: Access) => Repository;
  /** Looks at what the registry can do; asks for leave to push. */
  readonly probe: (reference: RegistryReference) => RepositoryProbe;
  /** Opens the door of a registry with its credential; AUTH_REQUIRED where it stays shut. */
  readonly checkLogin: (ctx: Ctx, registry: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const createRegistryClient = (options: RegistryClientOptions): RegistryClient => {
  const sessions = new Map<string, RegistrySession>();
  const hosts = new Set<string>();
  const identity = options.identity && { ...options.identity, isFor: (host: string) => hosts.has(host) };
  const transport = createTransport({ ...options, identity });
  const send = watched(transport.send, options.watch);
  const sessionOf = (registry: string): RegistrySession => {
    const known = sessions.get(registry);
    if (known !== undefined) return known;
    const { credentials, allowHttp = false } = options;
    const session = openSession({ send, credentials, allowHttp }, registry);
    sessions.set(registry, session);
    // Connections are made under the host's name as a URL has it: without the port of https.
    hosts.add(URL.parse(`https://${apiHost(registry)}`)?.host ?? registry);
    return session;
  };
  return {
    repository: (reference, access = "read") => {
      const calls = openRepositoryCalls(sessionOf(reference.registry), reference, access !== "read");
      return openRepository(calls, options.startDigest);
    },
    probe: (reference) => probeRepository(openRepositoryCalls(sessionOf(reference.registry), reference, true)),
    checkLogin: (ctx, registry) => checkLogin(sessionOf(registry), ctx),
    close: transport.close,
  };
};

const watched = (send: Send, watch: RegistryClientOptions["watch"]): Send =>
  watch === undefined
    ? send
    : async (ctx, request) => {
        const answer = await send(ctx, request);
        watch(answer);
        return answer;
      };

const openRepository = (calls: RepositoryCalls, startDigest: StartDigest | undefined): Repository => {
  const blobs = openBlobs(calls, startDigest);
  const manifests = openManifests(calls);
  const referrers = openReferrers({ ...blobs, ...manifests, calls });
  return { name: calls.name, ...blobs, ...manifests, ...referrers, ...openTags(calls), ...openMounter(calls) };
};
