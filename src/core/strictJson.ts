import { WaybillError } from "#core/errors.ts";

/** JSON as it is: objects inherit nothing, so `__proto__` is an ordinary, harmless name. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export interface JsonLimits {
  /** Bytes of the whole document. */
  readonly maxBytes: number;
  /** Nested arrays and objects. */
  readonly maxDepth: number;
  /** Values of any kind in the whole document. */
  readonly maxValues: number;
}

/** Attack 29: a statement with a million subjects or a thousand levels costs more to read than to make. */
const JSON_LIMITS: JsonLimits = { maxBytes: 128 * 1024 * 1024, maxDepth: 128, maxValues: 5_000_000 };

/** A parsed document and where the members of its top object stand. */
export interface StrictDocument {
  readonly value: Json;
  /** The exact bytes of a top-level member's value, or undefined where there is none. */
  readonly memberBytes: (name: string) => Uint8Array | undefined;
}

/** Parses JSON as RFC 8259 with the choices of RFC 8785's input (I-JSON, RFC 7493): see `parseStrictDocument`. */
export const parseStrict = (bytes: Uint8Array, what: string, limits: JsonLimits = JSON_LIMITS): Json =>
  parseStrictDocument(bytes, what, limits).value;

/**
 * Refuses what makes two readers see two values: duplicate names, invalid UTF-8, a BOM, lone surrogates, integers beyond
 * 2^53, trailing bytes, and whatever is over the limits (attacks 24, 29). Throws INPUT_INVALID or LIMIT_EXCEEDED.
 */
export const parseStrictDocument = (
  bytes: Uint8Array,
  what: string,
  limits: JsonLimits = JSON_LIMITS,
): StrictDocument => {
  if (bytes.byteLength > limits.maxBytes) {
    throw new WaybillError(
      "LIMIT_EXCEEDED",
      `${what}: JSON of ${bytes.byteLength} bytes, the limit is ${limits.maxBytes}`,
    );
  }
  const text = decode(bytes, what);
  const reader = new Reader(text, what, limits);
  const value = reader.document();
  return {
    value,
    memberBytes: (name) => {
      const span = reader.topSpans.get(name);
      if (span === undefined) return undefined;
      const start = Buffer.byteLength(text.slice(0, span.start));
      return bytes.subarray(start, start + Buffer.byteLength(text.slice(span.start, span.end)));
    },
  };
};

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const decode = (bytes: Uint8Array, what: string): string => {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", `${what}: not valid UTF-8`, { cause });
  }
};

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
// Characters that may stand unescaped inside a string: everything but the quote, the backslash and controls.
// oxlint-disable-next-line no-control-regex -- RFC 8259 section 7 names exactly these
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\n\r]*/y;
const LAST_SPACE = 0x20;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

interface Span {
  readonly start: number;
  readonly end: number;
}

class Reader {
  readonly topSpans = new Map<string, Span>();
  readonly #text: string;
  readonly #what: string;
  readonly #limits: JsonLimits;
  #at = 0;
  #values = 0;

  constructor(text: string, what: string, limits: JsonLimits) {
    this.#text = text;
    this.#what = what;
    this.#limits = limits;
  }

  document(): Json {
    this.#skipSpace();
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at !== this.#text.length) throw this.#fail("bytes after the end of the document");
    return value;
  }

  #value(depth: number): Json {
    if (depth > this.#limits.maxDepth) throw this.#over(`nested deeper than ${this.#limits.maxDepth} levels`);
    if (++this.#values > this.#limits.maxValues) throw this.#over(`more than ${this.#limits.maxValues} values`);
    const next = this.#text[this.#at];
    if (next === "{") return this.#object(depth);
    if (next === "[") return this.#array(depth);
    if (next === '"') return this.#string();
    if (next === "t") return this.#word("true", true);
    if (next === "f") return this.#word("false", false);
    if (next === "n") return this.#word("null", null);
    return this.#number();
  }

  #object(depth: number): JsonObject {
    const object = bareObject() as Record<string, Json>;
    this.#at++;
    this.#skipSpace();
    if (this.#take("}")) return object;
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#fail("expected a name in quotes");
      const name = this.#string();
      if (Object.hasOwn(object, name))
        throw this.#fail(`the name ${JSON.stringify(name.slice(0, 80))} stands twice in one object`);
      this.#skipSpace();
      if (!this.#take(":")) throw this.#fail("expected a colon");
      this.#skipSpace();
      const start = this.#at;
      object[name] = this.#value(depth + 1);
      if (depth === 0) this.topSpans.set(name, { start, end: this.#at });
      this.#skipSpace();
      if (this.#take("}")) return object;
      if (!this.#take(",")) throw this.#fail("expected a comma or a closing brace");
    }
  }

  #array(depth: number): Json[] {
    const array: Json[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#take("]")) return array;
    for (;;) {
      this.#skipSpace();
      array.push(this.#value(depth + 1));
      this.#skipSpace();
      if (this.#take("]")) return array;
      if (!this.#take(",")) throw this.#fail("expected a comma or a closing bracket");
    }
  }

  #string(): string {
    this.#at++;
    let result = "";
    for (;;) {
      result += this.#plain();
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next !== "\\")
        throw this.#fail(next === undefined ? "a string without an end" : "a control character in a string");
      result += this.#escape();
    }
    this.#at++;
    if (!result.isWellFormed()) throw this.#fail("a lone surrogate in a string");
    return result;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    const simple = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const hex = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#fail("an unknown escape in a string");
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    if (found === null) throw this.#fail("expected a value");
    const value = Number(found[0]);
    const integer = found[1] === undefined && found[2] === undefined;
    if (!Number.isFinite(value) || (integer && !Number.isSafeInteger(value))) {
      throw this.#fail("a number that readers would round differently");
    }
    this.#at += found[0].length;
    return value;
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#fail("expected a value");
    this.#at += word.length;
    return value;
  }

  #plain(): string {
    PLAIN.lastIndex = this.#at;
    PLAIN.test(this.#text);
    const start = this.#at;
    this.#at = PLAIN.lastIndex;
    return this.#text.slice(start, this.#at);
  }

  #skipSpace(): void {
    // What programs write has none: the pattern would cost more than the rest of the value.
    if (this.#text.charCodeAt(this.#at) > LAST_SPACE) return;
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #fail(reason: string): WaybillError {
    return new WaybillError("INPUT_INVALID", `${this.#what}: ${reason} at offset ${this.#at}`);
  }

  #over(reason: string): WaybillError {
    return new WaybillError("LIMIT_EXCEEDED", `${this.#what}: JSON ${reason}`);
  }
}

const NOTHING: object = Object.freeze(Object.create(null) as object);

/**
 * An object that inherits from an object without members. As good as no prototype at all, and V8 keeps such objects in its
 * fast form: those without one are hash tables from the start, which cost a tenth of the time to verify a signed bundle.
 */
export const bareObject = (): object => Object.create(NOTHING) as object;

/** True for an object, as opposed to null, an array or a plain value. */
export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
