import { describe, expect, it } from "vitest";
import { openApiBench } from "../../test/fakes/apiBench.ts";

type Item = Readonly<Record<string, unknown>>;

describe("pages", async () => {
  const bench = await openApiBench();
  const token = bench.tokens.operator;
  const get = (path: string): ReturnType<typeof bench.call> => bench.call(path, { token });

  for (let count = 0; count < 7; count++) {
    const body = { build_id: `b${count}` };
    await bench.call(`/v1/apps/app-${count}/builds`, { method: "POST", token, body });
    await bench.call("/v1/apps/my-app/builds", { method: "POST", token, body });
    const image = `registry.example/builds/app-${count}@${bench.digest}`;
    await bench.call(`/v1/apps/app-${count}/builds/b${count}/issue`, { method: "POST", token, body: { image } });
  }

  const walk = async (path: string, limit: number): Promise<readonly Item[]> => {
    const items: Item[] = [];
    let next: string | undefined = "";
    for (let pages = 0; next !== undefined; pages++) {
      expect(pages).toBeLessThan(30);
      const page: Item = (await get(`${path}${path.includes("?") ? "&" : "?"}limit=${limit}${next}`)).json();
      items.push(...(page["items"] as readonly Item[]));
      const last: boolean = page["next_page_token"] === null;
      const count = last ? items.length : items.length + 1;
      expect(page["total"]).toEqual({ count, type: last ? "EXACT" : "AT_LEAST" });
      next = last ? undefined : `&page_token=${String(page["next_page_token"])}`;
    }
    return items;
  };

  it.each([
    ["/v1/apps", 8, "name"],
    ["/v1/apps/my-app/builds", 9, "build_id"],
    ["/v1/apps/my-app/builds?state=pending", 9, "build_id"],
    ["/v1/operations", 8, "id"],
    ["/v1/jobs", 8, "id"],
    ["/v1/tokens", 4, "id"],
  ])("walk %s once", async (path, size, name) => {
    for (const limit of [1, 2, size, 200]) {
      const names = (await walk(path, limit)).map((item) => item[name]);
      expect(names.length).toBe(size);
      expect(new Set(names).size).toBe(size);
    }
  });

  it("walk packages, and those that are looked for", async () => {
    const path = `/v1/images/${bench.digest}/packages`;
    expect((await walk(path, 2)).map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect((await walk(`${path}?q=npm%2Fb`, 2)).map(({ name }) => name)).toEqual(["b"]);
    expect((await get(`${path}?q=%25`)).json()["items"]).toEqual([]);
  });

  it("walk the audit log in its order, without those of others", async () => {
    const entries = await walk("/v1/audit", 3);
    const seqs = entries.map(({ seq }) => Number(seq));
    expect(seqs.length).toBeGreaterThan(10);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(JSON.stringify(entries)).toContain('"object":"apps/my-app/builds/b1"');
    const others = (await bench.call("/v1/audit", { token: bench.stranger })).text;
    expect(others).not.toContain("my-app");
  });

  it("walk the audit log from its end, and by who did what to what", async () => {
    const seqs = (await walk("/v1/audit?order=newest", 3)).map(({ seq }) => Number(seq));
    expect(seqs.length).toBeGreaterThan(10);
    expect(seqs).toEqual(seqs.toSorted((a, b) => b - a));
    const object = "apps/my-app/builds/b1";
    const ofBuild = await walk(`/v1/audit?object=${encodeURIComponent(object)}`, 1);
    expect(ofBuild.map((entry) => [entry["action"], entry["object"]])).toEqual([["build.register", object]]);
    const asked = await walk("/v1/audit?action=issue.request&order=newest", 2);
    expect(asked.length).toBeGreaterThanOrEqual(7);
    expect(new Set(asked.map(({ action }) => action))).toEqual(new Set(["issue.request"]));
    const actor = String(asked[0]?.["actor"]);
    const his = await walk(`/v1/audit?actor=${encodeURIComponent(actor)}&action=issue.request`, 2);
    expect(his).toEqual(asked.filter((entry) => entry["actor"] === actor).toReversed());
    expect(await walk("/v1/audit?actor=nobody", 2)).toEqual([]);
    const page = String((await get("/v1/audit?order=newest&limit=1")).json()["next_page_token"]);
    expect((await get(`/v1/audit?page_token=${page}`)).status).toBe(400);
    expect((await get("/v1/audit?order=sideways")).status).toBe(400);
  });

  it("have tokens that fit their own list alone", async () => {
    const first = String((await get("/v1/apps?limit=1")).json()["next_page_token"]);
    const elsewhere = ["/v1/jobs", "/v1/operations", "/v1/apps/my-app/builds"];
    for (const path of elsewhere) {
      const answer = await get(`${path}?page_token=${first}`);
      expect(answer.problem()).toMatchObject({ status: 400, errors: [{ pointer: "/query/page_token" }] });
    }
    expect((await bench.call(`/v1/apps?page_token=${first}`, { token: bench.stranger })).status).toBe(400);
    expect((await get(`/api/v1/apps?page_token=${first}`)).status).toBe(200);
  });

  it.each([
    "limit=0",
    "limit=201",
    "limit=-1",
    "limit=1e1",
    "limit=",
    "limit=1&limit=2",
    "page_token=x",
    "page_token=",
  ])("refuse %s", async (query) => {
    expect((await get(`/v1/apps?${query}`)).problem()).toMatchObject({ status: 400, code: "request-invalid" });
  });

  it("know only states that exist, and ignore names they do not know", async () => {
    expect((await get("/v1/jobs?state=sleeping")).status).toBe(400);
    expect((await get("/v1/jobs?colour=blue")).status).toBe(200);
  });

  it("are empty for whoever has nothing", async () => {
    const empty = { items: [], next_page_token: null, total: { count: 0, type: "EXACT" } };
    expect((await bench.call("/v1/apps", { token: bench.stranger })).json()).toEqual(empty);
  });
});

describe("paths", async () => {
  const bench = await openApiBench();

  it.each([
    "/v1/apps/..%2f..%2fetc/builds",
    "/v1/apps/%2e%2e/builds",
    "/v1/apps/a%0d%0aSet-Cookie:x/builds",
    "/v1/apps/a%00/builds",
    "/v1/apps/%E0%A4%A/builds",
    "/v1/apps/<script>/builds",
    "/v1/images/sha256:ABC",
    `/v1/images/sha256:${"A".repeat(64)}`,
    "/v1/images/latest/packages",
    "/v1/operations/1'or'1'='1",
  ])("%s reaches nothing", async (path) => {
    const answer = await bench.call(path, { token: bench.tokens.operator });
    expect([400, 404]).toContain(answer.status);
    expect(answer.headers.get("Set-Cookie")).toBeNull();
  });

  it("take a request id that is harmless, and make one otherwise", async () => {
    const ask = async (id: string): Promise<string | null> =>
      (await bench.call("/v1/apps", { headers: { "X-Request-Id": id } })).headers.get("X-Request-Id");
    expect(await ask("build.7_a-B")).toBe("build.7_a-B");
    for (const id of ["a b", "x".repeat(65), "<script>", '"}{"']) {
      expect(await ask(id)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe("auditors", async () => {
  const bench = await openApiBench();

  it("leave a trace wherever they read", async () => {
    const token = bench.tokens.auditor;
    await bench.call("/v1/apps/my-app/builds/build-1/sbom", { token, headers: { "X-Request-Id": "look-1" } });
    await bench.call("/v1/apps", { token: bench.tokens.reader });
    await bench.call(`/v1/images/${bench.digest}/packages?q=a+b&limit=2&access_token=${token}`, { token });
    await bench.call(`/v1/images/${bench.digest}/packages?q=${token}`, { token });
    await bench.call(`/v1/images/${bench.digest}/packages?q=${"%C3%A9".repeat(100)}`, { token });
    const entries = (await bench.call("/api/v1/audit", { token })).json()["items"] as readonly Item[];
    const traces = entries.filter(({ action }) => action === "auditor.read");
    const packages = `images/${bench.digest}/packages`;
    expect(traces.map(({ object, detail }) => [object, detail])).toEqual([
      ["apps/my-app/builds/build-1/sbom", {}],
      [packages, { query: "limit=2&q=a+b" }],
      [packages, { query: "limit=50&q=(secret)" }],
      [packages, { query: expect.stringMatching(/^limit=50&q=[%C3A9]{501}\.\.\.$/) }],
      ["audit", { query: expect.stringContaining("limit=50") }],
    ]);
    expect(new Set(traces.map(({ actor }) => actor))).toEqual(
      new Set([expect.stringMatching(/^token:auditor#[0-9a-f]{12}$/)]),
    );
    expect(traces[0]?.["request_id"]).toBe("look-1");
  });
});
