import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import type { JWK } from "jose";

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

/** An OIDC issuer over HTTP on this machine: discovery, a key set, and tokens of any kind. */
export interface OidcIssuer extends AsyncDisposable {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  /** Stops listening; `start` brings it back on the same port. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** From now on only this key is published and signed with. */
  readonly rotate: (kid: string) => Promise<void>;
  /** The published keys. */
  readonly keys: () => readonly JWK[];
  /** A token that is good, but for what is replaced; a claim that is undefined is left out. */
  readonly issue: (
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ) => Promise<string>;
}

export const startOidcIssuer = async (audience: string): Promise<OidcIssuer> => {
  const asked: string[] = [];
  let pair: Pair;
  let keys: readonly JWK[] = [];
  let kid = "";
  let port = 0;
  let server: Server;
  const url = (): string => `http://127.0.0.1:${port}`;
  const documents = (): Readonly<Record<string, unknown>> => ({
    "/.well-known/openid-configuration": { issuer: url(), jwks_uri: `${url()}/keys` },
    "/keys": { keys },
  });
  const start = async (): Promise<void> => {
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const document = documents()[request.url ?? ""];
      response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(document ?? {}));
    });
    await new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  };
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const rotate = async (next: string): Promise<void> => {
    pair = await generateKeyPair("RS256", { extractable: true });
    kid = next;
    keys = [{ ...(await exportJWK(pair.publicKey)), kid, use: "sig", alg: "RS256" }];
  };
  await rotate("first");
  await start();
  return {
    url: url(),
    asked,
    start,
    stop,
    rotate,
    keys: () => keys,
    issue: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const facts = { iss: url(), aud: audience, sub: "robot", tenant_id: "default", roles: [{ role: "builder" }] };
      const all = JSON.stringify({ ...facts, iat: now, exp: now + 600, ...claims });
      const protectedHeader = { alg: "RS256", kid, typ: "at+jwt", ...header };
      return new CompactSign(Buffer.from(all)).setProtectedHeader(protectedHeader).sign(pair.privateKey);
    },
    [Symbol.asyncDispose]: stop,
  };
};
