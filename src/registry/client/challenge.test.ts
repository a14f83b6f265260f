import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChallenges } from "#registry/client/challenge.ts";

const parse = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => ({ scheme, ...Object.fromEntries(parameters) }));

describe("parseChallenges", () => {
  it.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        {
          scheme: "bearer",
          realm: "https://auth.docker.io/token",
          service: "registry.docker.io",
          scope: "repository:a/b:pull,push",
        },
      ],
    ],
    ['Basic realm="a, b=\\"c\\" \\\\"', [{ scheme: "basic", realm: 'a, b="c" \\' }]],
    ["BEARER Realm=https://a/t , service=x", [{ scheme: "bearer", realm: "https://a/t", service: "x" }]],
    ['Negotiate, Basic realm="r"', [{ scheme: "negotiate" }, { scheme: "basic", realm: "r" }]],
    ['Negotiate abc==, Bearer realm = "r" ,, x=1', [{ scheme: "negotiate" }, { scheme: "bearer", realm: "r", x: "1" }]],
    [
      'Basic realm="r", Bearer realm="s"',
      [
        { scheme: "basic", realm: "r" },
        { scheme: "bearer", realm: "s" },
      ],
    ],
    ['Bearer realm="one",realm="two"', [{ scheme: "bearer", realm: "one" }]],
    ['Bearer realm="without end', [{ scheme: "bearer", realm: "" }]],
    ["", []],
    ["=,=", []],
  ])("reads %j", (header, challenges) => {
    expect(parse(header)).toEqual(challenges);
  });

  it("reads back what it was given", () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const value = fc.string({ unit: "grapheme-ascii", maxLength: 40 });
    const challenge = fc.record({ scheme: name, parameters: fc.dictionary(name, value, { minKeys: 1, maxKeys: 4 }) });
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const header = challenges.map(
          ({ scheme, parameters }) =>
            `${scheme} ${Object.entries(parameters)
              .map(([key, text]) => `${key}="${text.replaceAll(/["\\]/g, "\\$&")}"`)
              .join(",")}`,
        );
        const found = parseChallenges(header.join(", "));
        expect(found.map((one) => ({ scheme: one.scheme, parameters: Object.fromEntries(one.parameters) }))).toEqual(
          challenges.map(({ scheme, parameters }) => ({ scheme, parameters: { ...parameters } })),
        );
      }),
    );
  });

  it("ends on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(parseChallenges(text).length).toBeLessThanOrEqual(300);
      }),
    );
  });

  it("takes its time only once for a header made to be slow", () => {
    const from = performance.now();
    for (const piece of ['"\\', "a=", "a,", " ", 'a="', "a b=,"]) parseChallenges(piece.repeat(20_000));
    expect(performance.now() - from).toBeLessThan(1000);
  });
});
