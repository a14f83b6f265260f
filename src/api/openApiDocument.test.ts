import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ROUTES } from "#api/contract/routes.ts";
import { openApiDocument } from "#api/openApiDocument.ts";
import { openApiBench } from "../../test/fakes/apiBench.ts";

const GOLDEN = "docs/openapi.json";
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

type Node = Readonly<Record<string, unknown>>;

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const document = openApiDocument(ROUTES) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Node;
};

/** Every object of the description. */
const nodesOf = (value: unknown): readonly Node[] => {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(nodesOf);
  return Array.isArray(value) ? inner : [value as Node, ...inner];
};

describe("the OpenAPI description", () => {
  it(`is ${GOLDEN} (UPDATE_GOLDEN=1 writes it again)`, () => {
    if (UPDATE) writeFileSync(GOLDEN, `${JSON.stringify(document, undefined, 2)}\n`);
    expect(JSON.parse(readFileSync(GOLDEN, "utf8"))).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it("refers to nothing that is not there", () => {
    const refs = nodesOf(document).flatMap(({ $ref }) => (typeof $ref === "string" ? [$ref] : []));
    expect(refs.length).toBeGreaterThan(50);
    for (const ref of refs) {
      const steps = ref.replace(/^#\//, "").split("/");
      const found = steps.reduce<unknown>((at, step) => (at as Node | undefined)?.[step], document);
      expect([ref, typeof found]).toEqual([ref, "object"]);
    }
  });

  it("declares every name of every path, and nothing twice", () => {
    const ids: string[] = [];
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const { operationId, parameters } of Object.values(methods)) {
        ids.push(operationId);
        const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
        const declared = parameters.filter((one) => one.in === "path");
        expect(declared.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
          names.toSorted((a = "", b = "") => (a < b ? -1 : 1)),
        );
        expect(declared.every(({ required }) => required)).toBe(true);
        expect(parameters.filter((one) => one.in === "query" && one.required)).toEqual([]);
        expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
      }
    }
    expect(new Set(ids).size).toBe(ROUTES.length);
  });

  it("gives every operation a way to succeed and problems to fail with", () => {
    for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
      const statuses = Object.keys(operation.responses);
      expect(statuses.some((status) => status.startsWith("2"))).toBe(true);
      expect(statuses).toContain("default");
    }
  });

  it("holds no $id and no dialect inside, which would move the base of its references", () => {
    expect(nodesOf(document).filter((node) => "$id" in node || "$schema" in node)).toEqual([]);
  });

  it("has a line for each route in docs/api.md", () => {
    const page = readFileSync("docs/api.md", "utf8");
    for (const { path } of ROUTES) {
      const short = path.replace("/apps/{app}/builds/{build}/", ".../");
      expect([path, page.includes(path) || page.includes(short)]).toEqual([path, true]);
    }
  });

  it("is served as it is, as JSON and as YAML", async () => {
    const bench = await openApiBench();
    const json = await bench.call("/v1/openapi.json");
    expect(json.json()).toEqual(JSON.parse(JSON.stringify(document)));
    const yaml = await bench.call("/v1/openapi.yaml");
    expect([yaml.text, yaml.headers.get("Content-Type")]).toEqual([json.text, "application/yaml"]);
  });
});
