import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { NEEDED_NODE, diagnose } from "#app/diagnose.ts";
import type { DiagnosisDeps, DiagnosisInput } from "#app/diagnose.ts";
import type { RegistryProbe } from "#app/registryProbe.ts";
import { parseDigest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { parseReference } from "#core/reference.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const DIGEST = parseDigest(`sha256:${"a".repeat(64)}`);
const IMAGE = "registry.example/app:1.0";

const healthy: RegistryProbe = {
  knock: async (_, registry) => ({
    url: `https://${registry}/`,
    asks: true,
    times: { theirs: 0, ours: 900 },
    failure: undefined,
  }),
  findCredential: async () => "config.json",
  findImage: async () => DIGEST,
  placeOfPapers: (reference) => reference,
  listsReferrers: async () => true,
  tryUpload: async () => "cancelled",
};

const look = async (
  over: Partial<RegistryProbe> & Partial<Omit<DiagnosisDeps, "probe">>,
  input: Partial<{ [K in keyof DiagnosisInput]: readonly string[] }> = {},
) => {
  const deps = {
    node: "24.21.0",
    cache: { path: "/cache" },
    probe: { ...healthy, ...over },
    repositories: { open: async () => Promise.reject(new WaybillError("NOT_FOUND", "no layout")) },
    keys: { inspect: async () => ({ kind: "locked" }) as const },
    ...over,
  };
  const { registries = [], references = [], keys = [] } = input;
  const found = await diagnose(deps)(testCtx(), { registries, references: references.map(parseReference), keys });
  return Object.fromEntries(found.map(({ check, state, message, hint }) => [check, { state, message, hint }]));
};

const lookAt = (over: Partial<RegistryProbe>) => look(over, { references: [IMAGE] });
const knocked = (over: object) => ({
  knock: async () => ({ url: undefined, asks: true, times: undefined, failure: undefined, ...over }),
});

describe("a diagnosis", () => {
  it("is all ok where all is well", async () => {
    const found = await lookAt({});
    expect(Object.keys(found)).toEqual(["node", "cache", "reach", "login", "clock", "read", "referrers", "write"]);
    expect(new Set(Object.values(found).map(({ state }) => state))).toEqual(new Set(["ok"]));
    expect(Object.values(found).map(({ hint }) => hint)).toEqual(Object.keys(found).map(() => null));
  });

  it("knows the Node that package.json wants", async () => {
    const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as {
      readonly engines: { readonly node: string };
    };
    expect(engines.node).toBe(`>=${NEEDED_NODE.join(".")}`);
    expect((await look({ node: "24.15.0" }))["node"]?.state).toBe("ok");
    expect((await look({ node: "24.14.9" }))["node"]?.state).toBe("fail");
    expect((await look({ node: "26.0.0" }))["node"]?.state).toBe("ok");
  });

  it("warns where starts are slow", async () => {
    expect((await look({ cache: { path: undefined } }))["cache"]?.state).toBe("warn");
  });

  it.each([
    [0, "ok"],
    [30_000, "ok"],
    [-30_001, "warn"],
    [300_000, "warn"],
    [300_001, "fail"],
    [-86_400_000, "fail"],
  ])("judges a clock that is %d ms off", async (offset, state) => {
    const found = await lookAt(knocked({ url: "https://r/", times: { theirs: 1e12, ours: 1e12 + offset } }));
    expect(found["clock"]?.state).toBe(state);
    const said = state === "ok" ? "apart" : offset > 0 ? "ahead of" : "behind";
    expect(found["clock"]?.message).toContain(said);
  });

  it("says nothing of a clock that no answer tells", async () => {
    expect(await lookAt(knocked({ url: "https://r/" }))).not.toHaveProperty("clock");
  });

  it("tells a registry that is down from one that refuses", async () => {
    const down = await lookAt(knocked({ failure: new WaybillError("NETWORK_FAILED", "refused") }));
    expect(down["reach"]).toMatchObject({ state: "fail", message: "NETWORK_FAILED refused" });
    expect(down["login"]).toMatchObject({ state: "ok", message: "the credential is that of config.json" });
    const refused = await lookAt(knocked({ url: "https://r/", failure: new WaybillError("AUTH_REQUIRED", "no") }));
    expect([refused["reach"]?.state, refused["login"]?.state]).toEqual(["ok", "fail"]);
    const broken = await lookAt(
      knocked({ url: "https://r/", failure: new WaybillError("REGISTRY_UNAVAILABLE", "500") }),
    );
    expect(broken["reach"]?.state).toBe("fail");
  });

  it("finds a credential that cannot be had", async () => {
    const findCredential = async () => {
      throw new WaybillError("CONFIG_INVALID", "docker-credential-x is not on the PATH");
    };
    expect((await lookAt({ findCredential }))["login"]).toMatchObject({ state: "fail" });
  });

  it("warns of plain http beyond this machine", async () => {
    expect((await lookAt(knocked({ url: "http://10.0.0.1:5000/" })))["reach"]?.state).toBe("warn");
    expect((await lookAt(knocked({ url: "http://127.0.0.1:5000/" })))["reach"]?.state).toBe("ok");
    expect((await lookAt(knocked({ url: "http://localhost.evil.example/" })))["reach"]?.state).toBe("warn");
  });

  it("looks where papers are kept", async () => {
    const elsewhere = parseReference("papers.example/all");
    if (elsewhere.kind !== "registry") throw new TypeError("no registry");
    const written: string[] = [];
    await lookAt({
      placeOfPapers: () => elsewhere,
      tryUpload: async (_, place) => {
        written.push(place.registry);
        return "cancelled";
      },
    });
    expect(written).toEqual(["papers.example"]);
  });

  it("only warns who may not write, and of what is not there", async () => {
    const tryUpload = async () => {
      throw new WaybillError("AUTH_DENIED", "no push");
    };
    const found = await lookAt({ tryUpload, findImage: async () => undefined });
    expect([found["write"]?.state, found["read"]?.state]).toEqual(["warn", "warn"]);
    expect(found).not.toHaveProperty("referrers");
    expect((await lookAt({ tryUpload: async () => "kept" }))["write"]?.state).toBe("warn");
    expect((await lookAt({ listsReferrers: async () => false }))["referrers"]?.state).toBe("warn");
  });

  it("finds what fails, whatever it is", async () => {
    const fail = async () => {
      throw new WaybillError("REGISTRY_UNAVAILABLE", "500");
    };
    expect((await lookAt({ findImage: fail }))["read"]?.state).toBe("fail");
    expect((await lookAt({ tryUpload: fail }))["write"]?.state).toBe("fail");
    expect((await lookAt({ listsReferrers: fail }))["referrers"]?.state).toBe("fail");
  });

  it("looks at layouts, too", async () => {
    const found = await look({}, { references: ["oci:nowhere"] });
    expect(found["read"]).toMatchObject({ state: "fail", message: "NOT_FOUND no layout" });
    expect(found).not.toHaveProperty("reach");
  });

  it("tells a public key, an open one, a locked one and none", async () => {
    const facts = { algorithm: "ecdsa-p256", fingerprint: "ab" };
    const keys = { keys: ["k"] };
    const open = await look(
      { keys: { inspect: async () => ({ kind: "private", ...facts, password: "COSIGN_PASSWORD" }) } },
      keys,
    );
    expect(open["password"]?.message).toBe("that of COSIGN_PASSWORD opens the key");
    const locked = await look({}, keys);
    expect([locked["key"]?.state, locked["password"]?.state]).toEqual(["ok", "warn"]);
    const shared = await look({ keys: { inspect: async () => ({ kind: "public", ...facts }) } }, keys);
    expect(shared["key"]?.message).toBe("a public key, ecdsa-p256, sha256:ab");
    const inspect = async () => {
      throw new WaybillError("PASSWORD_WRONG", "wrong");
    };
    expect((await look({ keys: { inspect } }, keys))["key"]?.state).toBe("fail");
  });
});
