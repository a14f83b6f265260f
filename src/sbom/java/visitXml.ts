import { WaybillError } from "#core/errors.ts";

/** Is told of each element of a document when it ends: its path (names joined by `/`) and the text directly in it, in one line. */
export type XmlVisitor = (path: string, text: string) => void;

interface Open {
  readonly path: string;
  text: string;
}

// What is deeper than anybody reads is walked through, not remembered.
const MAX_DEPTH = 8;
const MAX_TEXT = 8192;
const MAX_NAME = 100;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Walks through a document's elements in one pass; attributes, comments, instructions and the document type are skipped, so
 * nothing of it is ever fetched or expanded. Prefixes stay in names. INPUT_INVALID where a construct does not end.
 */
export const visitXml = (xml: string, visit: XmlVisitor): void => {
  const open: Open[] = [];
  let deeper = 0;
  for (let at = 0; at < xml.length;) {
    const tag = xml.indexOf("<", at);
    const top = deeper === 0 ? open.at(-1) : undefined;
    if (top !== undefined) addText(top, decode(xml.slice(at, tag < 0 ? xml.length : tag)));
    if (tag < 0) return;
    if (xml.startsWith("<![CDATA[", tag)) {
      const end = endOf(xml, "]]>", tag + 9);
      if (top !== undefined) addText(top, xml.slice(tag + 9, end - 3));
      at = end;
      continue;
    }
    at = endOfTag(xml, tag);
    const next = xml[tag + 1];
    if (next === "!" || next === "?") continue;
    if (next === "/") {
      if (deeper > 0) deeper--;
      else close(open, visit);
      continue;
    }
    const empty = xml[at - 2] === "/";
    if (deeper > 0 || open.length === MAX_DEPTH) {
      if (!empty) deeper++;
      continue;
    }
    open.push({ path: join(open.at(-1)?.path, nameAt(xml, tag + 1)), text: "" });
    if (empty) close(open, visit);
  }
};

const close = (open: Open[], visit: XmlVisitor): void => {
  const ended = open.pop();
  if (ended !== undefined) visit(ended.path, ended.text.trim().replace(/\s+/g, " "));
};

const addText = (element: Open, text: string): void => {
  if (element.text.length < MAX_TEXT) element.text += text.slice(0, MAX_TEXT);
};

// A `>` within an attribute's quotes does not occur in what is read here; it would only cut the tag short.
const endOfTag = (xml: string, tag: number): number => {
  if (xml.startsWith("<!--", tag)) return endOf(xml, "-->", tag + 4);
  if (xml.startsWith("<?", tag)) return endOf(xml, "?>", tag + 2);
  return endOf(xml, ">", tag + 1);
};

const endOf = (xml: string, mark: string, from: number): number => {
  const at = xml.indexOf(mark, from);
  if (at < 0) throw new WaybillError("INPUT_INVALID", "XML document that ends within a tag or comment");
  return at + mark.length;
};

const nameAt = (xml: string, start: number): string => /^[^\s/>]*/.exec(xml.slice(start, start + MAX_NAME))?.[0] ?? "";

const join = (parent: string | undefined, name: string): string => (parent === undefined ? name : `${parent}/${name}`);

const decode = (text: string): string =>
  text.includes("&") ? text.replace(/&(#?[0-9A-Za-z]{1,8});/g, (whole, name: string) => entity(name) ?? whole) : text;

const entity = (name: string): string | undefined => {
  if (!name.startsWith("#")) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  const code = /^#[xX]/.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : undefined;
};
