import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateMarker } from "#sbom/python/evaluateMarker.ts";
import { markerEnvironment } from "#sbom/python/markerEnvironment.ts";

const platform = { isWindows: false, machine: "x86_64" };
const PYTHON = markerEnvironment({ version: "3.11", implementation: "cpython" }, platform);
const holds = (marker: string, extra = ""): boolean | undefined => evaluateMarker(marker, { ...PYTHON, extra });

describe("evaluateMarker", () => {
  it.each([
    ['python_version >= "3.8"', true],
    ['python_version < "3.10"', false],
    ["'3.8' <= python_version", true],
    ['python_version >= "3.11.1"', false],
    ['python_version == "3.*"', true],
    ['python_version ~= "3.8"', true],
    ['python_version ~= "3"', false],
    ['python_version in "3.10 3.11"', true],
    ['python_version not in "2.7, 3.6"', true],
    ['sys_platform == "win32"', false],
    ['sys_platform != "win32" and os_name == "posix"', true],
    ['"linux" in sys_platform', true],
    ["platform_system=='Linux'", true],
    ["os.name == 'posix'", true],
    ["python_implementation == 'PyPy'", false],
    ["implementation_name == 'cpython'", true],
    ['platform_machine == "aarch64" or (platform_machine == "x86_64" or platform_machine == "amd64")', true],
    // `and` binds stronger than `or`.
    ['os_name == "posix" or os_name == "nt" and os_name == "x"', true],
    ['(os_name == "posix" or os_name == "nt") and os_name == "x"', false],
    ['((((os_name == "posix"))))', true],
  ])("%s: %s", (marker, expected) => expect(holds(marker)).toBe(expected));

  it.each([
    // Any patch release of 3.11 may be there.
    ['python_full_version >= "3.11.0a6"', true],
    ['python_full_version < "3.11.4"', undefined],
    ['python_full_version != "3.11.4"', undefined],
    ['python_full_version == "3.11.*"', true],
    ['python_full_version == "3.9.1"', false],
    ['python_full_version < "3.9"', false],
    ['platform_release >= "5"', undefined],
    ['platform_release >= "5" and os_name == "nt"', false],
    ['platform_release >= "5" or os_name == "posix"', true],
    ['platform_release >= "5" or os_name == "nt"', undefined],
    ['toString == "x"', undefined],
  ])("tells only what is known: %s: %s", (marker, expected) => expect(holds(marker)).toBe(expected));

  it.each([
    "",
    "os_name",
    'os_name == "posix" and',
    '(os_name == "posix"',
    'os_name == "posix")',
    '"a" == "a"',
    "os_name =! 'x'",
  ])("takes %j for no marker", (marker) => expect(holds(marker)).toBeUndefined());

  it("compares extras as names", () => {
    expect(holds('extra == "Use_Chardet.on-py3"', "use-chardet-on-py3")).toBe(true);
    expect(holds('extra == "socks"')).toBe(false);
  });

  it("is not impressed by depth", () => {
    const deep = `${"(".repeat(2000)}os_name == "posix"${")".repeat(2000)}`;
    expect(holds(deep)).toBe(true);
    expect(holds("(".repeat(5000))).toBeUndefined();
  });

  it("combines as three-valued logic does", () => {
    const leaf = fc.constantFrom<readonly [string, boolean | undefined]>(
      ['os_name == "posix"', true],
      ['os_name == "nt"', false],
      ['platform_version == "1"', undefined],
    );
    const { tree } = fc.letrec<{ tree: readonly [string, boolean | undefined] }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.tuple(tie("tree"), fc.constantFrom("and", "or"), tie("tree")).map(([[a, x], word, [b, y]]) => {
          const decided = word === "or";
          const answer =
            x === decided || y === decided ? decided : x === undefined || y === undefined ? undefined : !decided;
          return [`(${a}) ${word} (${b})`, answer] as const;
        }),
      ),
    }));
    fc.assert(
      fc.property(tree, ([marker, answer]) => {
        expect(holds(marker)).toBe(answer);
      }),
    );
  });

  it("answers any text", () => {
    const word = fc.constantFrom(
      "(",
      ")",
      "and",
      "or",
      "not",
      "in",
      "==",
      "<",
      "os_name",
      "extra",
      "'x'",
      '"',
      "'",
      " ",
      "3.8",
    );
    const text = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.array(word, { maxLength: 30 }).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(text, (marker) => {
        expect([true, false, undefined]).toContain(holds(marker));
      }),
    );
  });
});
