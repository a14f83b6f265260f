import { writeDer } from "#claims/writeDer.ts";

/** Drawn numbers that say what is changed, and into what. */
export interface Drawn {
  readonly where: number;
  readonly other: number;
  readonly bytes: Uint8Array;
}

interface Node {
  readonly tag: number;
  /** Undefined for a primitive value. */
  readonly parts: Node[] | undefined;
  readonly content: Uint8Array;
}

/** Cuts out, adds or replaces up to a few bytes. */
export const mutateBytes = (bytes: Uint8Array, { where, other, bytes: added }: Drawn): Buffer => {
  const at = bytes.byteLength === 0 ? 0 : where % bytes.byteLength;
  const removed = other % 4;
  if (removed === 3) return flipBit(bytes, at, other);
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
};

const flipBit = (bytes: Uint8Array, at: number, bit: number): Buffer => {
  const flipped = Buffer.from(bytes);
  // oxlint-disable-next-line no-bitwise -- one bit of one byte
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
  return flipped;
};

/** The same on DER, so that all lengths around the change fit. Undefined for what is none. */
export const mutateDer = (bytes: Uint8Array, drawn: Drawn): Buffer | undefined => {
  const roots = readNodes(bytes);
  if (roots === undefined || roots.length !== 1) return undefined;
  const all = walk({ tag: 0, parts: roots, content: bytes });
  const chosen = all[drawn.where % all.length];
  if (chosen === undefined) return undefined;
  const { list, index, node } = chosen;
  const elsewhere = all[(drawn.where + drawn.other) % all.length]?.node ?? node;
  list.splice(index, 1, ...replaced(node, elsewhere, drawn));
  return Buffer.concat(roots.map(writeNode));
};

const replaced = (node: Node, elsewhere: Node, drawn: Drawn): readonly Node[] => {
  switch (drawn.other % 6) {
    case 0:
      return [];
    case 1:
      return [node, node];
    case 2:
      // Encoded, lest it should hold itself.
      return [{ tag: elsewhere.tag, parts: undefined, content: contentOf(elsewhere) }];
    case 3:
      return [{ ...node, tag: drawn.bytes[0] ?? 0 }];
    default:
      return [{ tag: node.tag, parts: undefined, content: mutateBytes(contentOf(node), drawn) }];
  }
};

interface Place {
  readonly list: Node[];
  readonly index: number;
  readonly node: Node;
}

const walk = ({ parts = [] }: Node): readonly Place[] =>
  parts.flatMap((node, index) => [{ list: parts, index, node }, ...walk(node)]);

const contentOf = ({ parts, content }: Node): Uint8Array =>
  parts === undefined ? content : Buffer.concat(parts.map(writeNode));

const writeNode = (node: Node): Buffer => writeDer(node.tag, contentOf(node));

/** Also what stands in OCTET STRINGs, where certificates keep their extensions. */
const readNodes = (bytes: Uint8Array): Node[] | undefined => {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const head = readHead(bytes, at);
    if (head === undefined) return undefined;
    const content = bytes.subarray(head.start, head.end);
    // oxlint-disable-next-line no-bitwise -- the bit of constructed values
    const isNested = (head.tag & 0x20) !== 0 || head.tag === 0x04;
    nodes.push({ tag: head.tag, parts: isNested ? readNodes(content) : undefined, content });
    at = head.end;
  }
  return nodes.length === 0 ? undefined : nodes;
};

const readHead = (bytes: Uint8Array, at: number) => {
  const [tag, first] = bytes.subarray(at, at + 2);
  if (tag === undefined || first === undefined) return undefined;
  const octets = first < 0x80 ? 0 : first - 0x80;
  if (octets > 3) return undefined;
  const length = octets === 0 ? first : Buffer.from(bytes).readUIntBE(at + 2, octets);
  const start = at + 2 + octets;
  return start + length > bytes.byteLength ? undefined : { tag, start, end: start + length };
};
