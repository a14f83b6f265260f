import { describe, expect, it } from "vitest";
import { acr } from "#registry/credential/cloud/acr.ts";
import { START, benchCloud, shown } from "../../../../test/fakes/cloudBench.ts";
import type { CloudCall } from "../../../../test/fakes/cloudBench.ts";

const bench = benchCloud();
const HOST = "papers.azurecr.io";
const ENTRA = "login.microsoftonline.com";
const MACHINE = "169.254.169.254";
const WORKLOAD = { AZURE_TENANT_ID: "tenant-1", AZURE_CLIENT_ID: "client-1", AZURE_FEDERATED_TOKEN_FILE: "/token" };
const FILES = { "/token": "cluster-token\n" };
const exp = START / 1000 + 10_800;
const REFRESH = `h.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.s`;
const find = () => acr(bench.deps).find(bench.ctx(), HOST);

const exchange =
  (tenant?: string) =>
  ({ method, path, body }: CloudCall) => {
    const form = Object.fromEntries(new URLSearchParams(body));
    const wanted = { grant_type: "access_token", service: HOST, ...(tenant && { tenant }), access_token: "entra" };
    const good = method === "POST" && path === "/oauth2/exchange" && JSON.stringify(form) === JSON.stringify(wanted);
    return good ? { body: { refresh_token: REFRESH } } : { status: 401, body: { errors: [] } };
  };

describe("the hosts of Azure Container Registry", () => {
  it.each([HOST, "papers-hx3k2.azurecr.io"])("are its own: %s", (host) =>
    expect(acr(bench.deps).owns(host)).toBe(true),
  );

  it.each([
    "azurecr.io",
    "x.papers.azurecr.io",
    "papers.azurecr.io.evil.test",
    "papers.azurecr.io:443",
    "abc.azurecr.io",
    "papersazurecr.io",
  ])("attack 47: are no others: %s", (host) => expect(acr(bench.deps).owns(host)).toBe(false));
});

describe("a credential for Azure Container Registry", () => {
  it("comes for a workload's identity, by Entra and the registry's exchange", async () => {
    bench.given(WORKLOAD, FILES);
    bench.serve({
      [ENTRA]: ({ path, body }) => {
        const form = Object.fromEntries(new URLSearchParams(body));
        return path === "/tenant-1/oauth2/v2.0/token" &&
          form["client_assertion"] === "cluster-token" &&
          form["client_id"] === "client-1" &&
          form["grant_type"] === "client_credentials" &&
          form["scope"] === "https://containerregistry.azure.net/.default"
          ? { body: { access_token: "entra", expires_in: 3600 } }
          : { status: 400, body: { error: "invalid_request" } };
      },
      [HOST]: exchange("tenant-1"),
    });
    expect(await find()).toEqual({
      credential: { kind: "refresh", token: REFRESH },
      usableUntil: exp * 1000,
      from: "Azure (workload identity client-1)",
    });
  });

  it("comes for the machine's identity, and for the one that is chosen", async () => {
    bench.serve({
      [MACHINE]: ({ path, headers }) => {
        const query = new URL(path, "http://any").searchParams;
        if (headers["metadata"] !== "true" || query.get("resource") !== "https://containerregistry.azure.net/")
          return { status: 400 };
        return { body: { access_token: query.get("client_id") === "other" ? "wrong" : "entra", expires_in: "86399" } };
      },
      [HOST]: exchange(),
    });
    expect(await find()).toMatchObject({ credential: { kind: "refresh" }, from: "Azure (managed identity)" });
    bench.given({ AZURE_CLIENT_ID: "other" });
    await expect(find()).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
  });

  it("is none outside of Azure, and where the machine has no identity", async () => {
    expect(await find()).toBeUndefined();
    bench.serve({ [MACHINE]: () => ({ status: 400, body: { error: "invalid_request" } }) });
    expect(await find()).toBeUndefined();
  });

  it.each([
    [{ AZURE_AUTHORITY_HOST: "http://evil.test/" }, "CONFIG_INVALID"],
    [{ AZURE_TENANT_ID: "../evil" }, "CONFIG_INVALID"],
    [{ AZURE_FEDERATED_TOKEN_FILE: "/absent" }, "CONFIG_INVALID"],
    [{}, "AUTH_REQUIRED"],
  ])("attack 48: that fails for %j is no reason to ask the machine", async (variables, code) => {
    bench.given({ ...WORKLOAD, ...variables }, FILES);
    bench.serve({
      [ENTRA]: () => ({ status: 401, body: { error: "invalid_client", error_description: "cluster-token" } }),
      "evil.test": () => ({}),
      [MACHINE]: () => ({}),
    });
    const error: unknown = await find().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(shown(error)).not.toContain("cluster-token");
    // A tenant of a service may read the message.
    expect(String(error)).not.toContain("client-1");
    expect(bench.calls.filter(({ host }) => host !== ENTRA)).toEqual([]);
  });
});
