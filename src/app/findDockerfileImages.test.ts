import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDockerfileImages } from "#app/findDockerfileImages.ts";
import type { NamedImages } from "#app/imagePlace.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const find = (text: string, buildArgs: Readonly<Record<string, string>> = {}, baseImageOnly = false): NamedImages =>
  findDockerfileImages({ text, buildArgs, baseImageOnly });

/** `LINE ROLE REFERENCE`, or the reason why nobody can tell. */
const show = (images: NamedImages): readonly string[] =>
  images.places.map(
    ({ line, role, image }) =>
      `${line} ${role} ${image.kind === "named" ? image.reference : `? ${image.error.message}`}`,
  );

describe("findDockerfileImages", () => {
  it("finds images, not stages", () => {
    const text = `# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.22 AS build
RUN --mount=type=cache,target=/root --mount=type=bind,from=tools:1,target=/t go build
from scratch AS empty
FROM build AS test
FROM gcr.io/distroless/static
COPY --chown=1:1 --from=build /a /a
COPY --from=0 /a /a
COPY --from=BUILD /a /a
COPY --from=alpine:3.20 /etc/ssl /etc/ssl
ONBUILD COPY --from=busybox /bin /bin
`;
    const found = find(text);
    expect(show(found)).toEqual([
      "2 FROM golang:1.22",
      "3 RUN --mount tools:1",
      "6 FROM gcr.io/distroless/static",
      "10 COPY --from alpine:3.20",
      "11 COPY --from busybox",
    ]);
    expect(found.notes).toEqual([{ line: 1, text: "not checked: the build's frontend docker/dockerfile:1" }]);
  });

  it("takes defaults of ARG, and what is given for those that are declared", () => {
    const text = `ARG REGISTRY=registry.example
ARG BASE="\${REGISTRY}/base" TAG
FROM \${BASE}:\${TAG:-1.0}
FROM $BASE:\${TAG}
FROM \${OTHER-other}
ARG LATE=x
FROM a:\${LATE}
`;
    expect(show(find(text))).toEqual([
      "3 FROM registry.example/base:1.0",
      "4 FROM ? TAG has no value",
      "5 FROM other",
      "7 FROM ? LATE has no value",
    ]);
    expect(show(find(text, { TAG: "2", REGISTRY: "r.example", OTHER: "o" }))).toEqual([
      "3 FROM r.example/base:2",
      "4 FROM r.example/base:2",
      "5 FROM other",
      "7 FROM ? LATE has no value",
    ]);
  });

  it.each([
    ["${A:+b}", "1 FROM b"],
    ["${A+b}", "1 FROM b"],
    ["${E:-b}", "1 FROM b"],
    ["${E-b}x", "1 FROM x"],
    ["${E:+b}x", "1 FROM x"],
    ["${U:-${A}:1}", "1 FROM a:1"],
    ["${A:-${U}}", "1 FROM a"],
    ["${U:-${U}}", "1 FROM ? U has no value"],
    ["${A:?no}", "1 FROM a"],
    ["${E:?no}", "1 FROM ? E has no value"],
    ["${A%x}", "1 FROM ? how A is changed is not understood here"],
    ["${A", "1 FROM ? how A is changed is not understood here"],
    ["${A:-b", '1 FROM ? "}" is missing'],
    ["$1", "1 FROM ? what follows the $ is no variable"],
    ['"$A":1', "1 FROM a:1"],
    ["'$A'", "1 FROM $A"],
    ["\\$A", "1 FROM $A"],
    ["img:${TARGETARCH}", "1 FROM ? TARGETARCH has no value"],
  ])("replaces variables in %s", (word, expected) => {
    expect(show(find(`ARG A=a E= U\nFROM ${word}`)).map((one) => one.replace(/^2/, "1"))).toEqual([expected]);
  });

  it("ends where variables are nested without end", () => {
    const deep = `${"${U:-".repeat(30_000)}a${"}".repeat(30_000)}`;
    expect(show(find(`FROM ${deep}`))).toEqual(["1 FROM ? variables are nested too deeply"]);
  });

  it("knows only stages that come before", () => {
    const text = `FROM a AS one
COPY --from=two / /
COPY --from=one / /
COPY --from=7 / /
COPY --from=$X / /
FROM b AS two
COPY --from=1 / /
`;
    expect(show(find(text))).toEqual([
      "1 FROM a",
      '2 COPY --from ? "two" is no stage that comes before',
      '3 COPY --from ? "one" is no stage that comes before',
      '4 COPY --from ? "7" is no stage that comes before',
      "5 COPY --from ? X has no value",
      "6 FROM b",
      '7 COPY --from ? "1" is no stage that comes before',
    ]);
  });

  it("passes over here-documents, and what only looks like one", () => {
    const text = `FROM a
RUN <<EOF cat <<-"TWO WORDS" > /x && echo "<<NONE" a<<NONE <<<NONE
FROM hidden
EOF
FROM hidden
\tTWO WORDS
COPY <<'E' /x
FROM hidden
E
FROM b
ENV X=<<EOF
FROM c
`;
    expect(show(find(text))).toEqual(["1 FROM a", "10 FROM b", "12 FROM c"]);
    expect(codeOf(() => find("FROM a\nRUN <<EOF\nFROM b\n"))).toBe("INPUT_INVALID");
  });

  it("joins continued lines, with comments and empty lines between, and another escape character", () => {
    expect(show(find("FROM \\\n  # comment \\\n\n  a\\\nb AS \\\r\n x\n"))).toEqual(["1 FROM ab"]);
    expect(show(find("# escape=`\nFROM `\na\nRUN dir C:\\\nFROM b"))).toEqual(["2 FROM a", "5 FROM b"]);
    expect(show(find("FROM a\nRUN x \\\nFROM b\nRUN y \\\\\nFROM c"))).toEqual(["1 FROM a", "5 FROM c"]);
  });

  it("finds the image below the last stage", () => {
    const text = "FROM a AS one\nFROM b AS two\nFROM ONE AS three\nCOPY --from=c / /\nFROM three";
    expect(show(find(text, {}, true))).toEqual(["1 FROM a"]);
    expect(show(find("FROM a AS x\nFROM scratch", {}, true))).toEqual([]);
  });

  it.each([
    [""],
    ["# only a comment\n"],
    ["RUN x\nFROM a"],
    ["FROM"],
    ["FROM a b"],
    ["FROM a AS"],
    ["FROM a AS -x"],
    ["FROM a\nFORM b"],
    ["FROM a\nONBUILD FROM b"],
    ["# escape=x\nFROM a"],
    ["# escape=\\\n# escape=`\nFROM a"],
  ])("refuses %j, which no builder takes", (text) => {
    expect(codeOf(() => find(text))).toBe("INPUT_INVALID");
  });

  it("takes what lies behind a comment for no directive", () => {
    expect(show(find("# hello\n# escape=`\nFROM a\\\nb"))).toEqual(["3 FROM ab"]);
  });

  it("reads flags with quotes and backslashes in them, whatever the escape character is", () => {
    const text = `FROM a
COPY --"from"=b / /
COPY --f\\rom='c' / /
RUN --m"ount"=type=bind,"from"=d,target=/t true
ONBUILD COPY --'from=e' / /
RUN -- --mount=from=none
`;
    const images = ["1 FROM a", "2 COPY --from b", "3 COPY --from c", "4 RUN --mount d", "5 COPY --from e"];
    expect(show(find(text))).toEqual(images);
    const { places } = find(text);
    expect(places.map(({ end = 0 }) => text.slice(end - 1, end))).toEqual(["a", "b", "c", "d", "e"]);
    expect(show(find('# escape=`\nFROM a\nCOPY --chown="0`" --from=b "/x" "/y"'))).toEqual([
      "2 FROM a",
      "3 COPY --from b",
    ]);
  });

  it.each([
    ["a blank line that only some take for empty", "FROM a\nRUN x \\\n\u00a0\nFROM a AS b\nFROM a\nCOPY --from=b / /"],
    ["a comment that only some take for one", "\u2003# escape=x\nFROM a"],
    ["a blank of Unicode between arguments", "ARG A=x\u00a0B=evil\nFROM ${B:-a}"],
    ["a byte among flags that is a blank to some", "FROM a\nCOPY --exclude=\u00e0--from=evil / /"],
    ["a blank of Unicode before flags", "FROM a\nRUN \u2003--mount=from=evil true"],
    ["a value in the next word", "FROM a\nCOPY --from evil / /"],
    ["a directive behind a blank of Unicode", "#\u00a0escape=`\nFROM a"],
    ["an indented directive", "  # escape=`\nFROM a\nRUN x \\\nFROM b"],
    ["an open quote beside a here-document", "FROM a\nRUN echo it's <<#x\nFROM b\n#x"],
    ["an open quote beside a plain one", "FROM a\nRUN echo it's <<x\nFROM b\nx"],
    ["a here-document with an escaped name", "FROM a\nRUN <<\\E\nE\nFROM b\nRUN <<Z\n\\E\nZ"],
    ["a here-document whose end may be a comment", "FROM a\nRUN <<#x\nFROM b\n#x"],
    ["a here-document within a variable", "FROM a\nRUN echo ${A:-b <<E c}\nFROM b\nE"],
    ["a here-document with the other escape character", '# escape=`\nFROM a\nRUN echo "\\" <<E "\nFROM b\nE'],
    ["a here-document behind what is nearly JSON", 'FROM a\nRUN ["x"] <<E\nFROM b\nE'],
    ["a mount with quotes within quotes", 'FROM a\nRUN --mount=\\"from=b\\" true'],
  ])("refuses %s", (_, text) => {
    expect(codeOf(() => find(text))).toBe("INPUT_INVALID");
  });

  it("finds no here-document in JSON", () => {
    expect(show(find('# escape=`\nFROM a\nRUN ["echo", "a\\" <<#x \\"b"]\nFROM b\n#x'))).toEqual([
      "2 FROM a",
      "4 FROM b",
    ]);
  });

  it("takes no default for what the builder knows, nor for what it cannot tell", () => {
    const text = `ARG X=\${TARGETARCH:+-evil} Y=evil
ARG Z=\${Y%x}
FROM a\${TARGETARCH:+-evil}
FROM a\${X}
FROM \${TARGETARCH:-a}
FROM \${Z:-a}
`;
    expect(show(find(text))).toEqual([
      "3 FROM ? TARGETARCH has no value",
      "4 FROM ? TARGETARCH has no value",
      "5 FROM ? TARGETARCH has no value",
      "6 FROM ? how Y is changed is not understood here",
    ]);
    expect(show(find(text, { TARGETARCH: "" })).slice(0, 3)).toEqual(["3 FROM a", "4 FROM a", "5 FROM a"]);
    expect(show(find("ARG A=x\nARG A\nFROM a${A-x}"))).toEqual(["3 FROM ? A is declared again, without a value"]);
  });

  it.each([
    ["1.2", "RUN true", false],
    ["1.0-experimental", "RUN true", false],
    ["1.3-labs", "RUN true", false],
    ["1.10.0", "RUN <<E\nFROM x\nE", true],
    [`1@sha256:${"a".repeat(64)}`, "RUN true", true],
    [`1@sha256:${"a".repeat(64)}`, "RUN <<E\nFROM x\nE", false],
    [`1@sha256:${"a".repeat(64)}`, "RUN x \\\\\nFROM a", false],
  ])("knows whether docker/dockerfile:%s reads %j in the same way: %s", (version, step, known) => {
    const [first] = find(`# syntax=docker/dockerfile:${version}\nFROM a\n${step}\n`).places;
    expect(first?.role).toBe(known ? "FROM" : "# syntax");
  });

  it.each([
    ["docker/dockerfile", true],
    ["docker.io/docker/dockerfile:1.7-labs", true],
    ["docker/dockerfile-upstream:master", true],
    [`docker/dockerfile:1@sha256:${"a".repeat(64)}`, true],
    ["evil/dockerfile:1", false],
    ["evil.example/docker/dockerfile:1", false],
    ["docker/dockerfile:1 x", false],
  ])("knows what the frontend %s makes of the file: %s", (frontend, known) => {
    const expected = known ? [] : [`2 # syntax ? the frontend "${frontend}" reads the file in its own way`];
    expect(show(find(`#!/usr/bin/x\n# syntax=${frontend}\nFROM a`))).toEqual([...expected, "3 FROM a"]);
  });

  it("finds what was written, however it is laid out, and where each name ends", () => {
    const name = fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,5})?(:[a-z0-9]{1,5})?$/).filter((one) => one !== "scratch");
    const blank = fc.constantFrom(" ", "\t", "  ", " \\\n", " \\\n# note\n  ", " \\\r\n\n ");
    const plain = ["RUN echo FROM x", "RUN <<E\nFROM x\nE", "# FROM x", "", 'LABEL a="FROM x"', "ENV A=b \\\n  FROM=x"];
    const step = fc.oneof(
      fc
        .tuple(name, blank)
        .map(([image, gap]) => ({ image, text: `COPY${gap}--link${gap}--from=${image}${gap}/a /b` })),
      fc.tuple(name, blank).map(([image, gap]) => ({ image, text: `run${gap}--mount=from=${image},target=/t true` })),
      fc.constantFrom(...plain).map((text) => ({ image: undefined, text })),
    );
    const stage = fc
      .tuple(name, blank, fc.constantFrom("FROM", "from", "From"), fc.array(step, { maxLength: 4 }))
      .map(([image, gap, word, steps]) => [{ image, text: `${word}${gap}${image}` }, ...steps]);
    fc.assert(
      fc.property(fc.array(stage, { minLength: 1, maxLength: 4 }), (stages) => {
        const parts = stages.flat();
        const text = parts.map((part) => part.text).join("\n");
        const { places } = find(text);
        const names = places.map(({ image }) => (image.kind === "named" ? image.reference : image.error.message));
        expect(names).toEqual(parts.flatMap(({ image }) => image ?? []));
        for (const [at, { end }] of places.entries()) expect(text.slice(0, end).endsWith(names[at] ?? "?")).toBe(true);
      }),
    );
  });

  it("never fails in another way, nor takes long, on any text", () => {
    const pieces = [
      "FROM ",
      "a",
      "\\",
      "\n",
      '"',
      "'",
      "$",
      "{",
      "}",
      "<<",
      "E",
      "#",
      "RUN ",
      "--from=",
      " ",
      "`",
      "ARG X=",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (text) => {
        expect([undefined, "INPUT_INVALID"]).toContain(codeOf(() => find(text.join(""))));
      }),
    );
  });
});
