/** Small programs of each format, made by hand: headers that a reader needs, and no more. */

interface Part {
  readonly name: string;
  readonly bytes: Buffer;
  /** Loaded, writable and not executable. */
  readonly data?: boolean;
}

const BASE = 0x400000;

/** An ELF file as linkers write it: loaded parts, then those that are not, then names and headers of the sections. */
export const elfFile = (
  loaded: readonly Part[],
  unloaded: readonly Part[] = [],
  { wide = true, big = false } = {},
): Buffer => {
  const write = numberWriter(wide, big);
  const placed = place(0x200, loaded);
  const rest = place(placed.end, unloaded);
  const names = Buffer.from(["", ...unloaded.map(({ name }) => name), ".shstrtab", ""].join("\0"), "latin1");
  const tableAt = rest.end + names.length;
  const entry = wide ? 64 : 40;
  const sections = [...rest.parts, { name: ".shstrtab", bytes: names, offset: rest.end }];
  const file = Buffer.alloc(tableAt + (sections.length + 1) * entry);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, big ? 2 : 1, 1]).copy(file);
  write.word(file, wide ? 32 : 28, wide ? 64 : 52);
  write.word(file, wide ? 40 : 32, tableAt);
  const [programs, program, count] = wide ? [54, 56, 56] : [42, 32, 44];
  write.half(file, programs, program);
  write.half(file, count, placed.parts.length);
  write.half(file, count + 2, entry);
  write.half(file, count + 4, sections.length + 1);
  write.half(file, count + 6, sections.length);
  for (const [index, { bytes, offset, data }] of placed.parts.entries()) {
    const at = (wide ? 64 : 52) + index * program;
    write.int(file, at, 1);
    write.int(file, at + (wide ? 4 : 24), data === true ? 6 : 4);
    write.word(file, at + (wide ? 8 : 4), offset);
    write.word(file, at + (wide ? 16 : 8), BASE + offset);
    write.word(file, at + (wide ? 32 : 16), bytes.length);
    bytes.copy(file, offset);
  }
  for (const [index, { name, bytes, offset }] of sections.entries()) {
    const at = tableAt + (index + 1) * entry;
    write.int(file, at, names.indexOf(`${name}\0`));
    write.int(file, at + 4, 1);
    write.word(file, at + (wide ? 24 : 16), offset);
    write.word(file, at + (wide ? 32 : 20), bytes.length);
    bytes.copy(file, offset);
  }
  return file;
};

/** A PE file of 64 bits. */
export const peFile = (parts: readonly Part[]): Buffer => {
  const placed = place(0x400, parts);
  const file = Buffer.alloc(Math.max(placed.end, 0x400));
  file.write("MZ");
  file.writeUInt32LE(0x80, 60);
  file.write("PE\0\0", 0x80, "latin1");
  file.writeUInt16LE(parts.length, 0x86);
  file.writeUInt16LE(112, 0x94);
  file.writeUInt16LE(0x20b, 0x98);
  file.writeBigUInt64LE(BigInt(BASE), 0x98 + 24);
  for (const [index, { name, bytes, offset, data }] of placed.parts.entries()) {
    const at = 0x98 + 112 + index * 40;
    file.write(name, at, 8, "latin1");
    file.writeUInt32LE(offset, at + 12);
    file.writeUInt32LE(bytes.length, at + 16);
    file.writeUInt32LE(offset, at + 20);
    file.writeUInt32LE(data === true ? 0xc0000040 : 0x60000020, at + 36);
    bytes.copy(file, offset);
  }
  return file;
};

/** A Mach-O file of 64 bits, one segment for each part, and in it one section of the part's name. */
export const machOFile = (parts: readonly Part[]): Buffer => {
  const command = 72 + 80;
  const placed = place(0x1000, parts);
  const file = Buffer.alloc(Math.max(placed.end, 0x1000));
  file.writeUInt32LE(0xfeedfacf, 0);
  file.writeUInt32LE(parts.length, 16);
  file.writeUInt32LE(parts.length * command, 20);
  for (const [index, { name, bytes, offset, data }] of placed.parts.entries()) {
    const at = 32 + index * command;
    file.writeUInt32LE(0x19, at);
    file.writeUInt32LE(command, at + 4);
    file.writeBigUInt64LE(BigInt(BASE + offset), at + 24);
    file.writeBigUInt64LE(BigInt(offset), at + 40);
    file.writeBigUInt64LE(BigInt(bytes.length), at + 48);
    file.writeUInt32LE(data === true ? 3 : 5, at + 60);
    file.writeUInt32LE(1, at + 64);
    file.write(name, at + 72, 16, "latin1");
    file.writeBigUInt64LE(BigInt(bytes.length), at + 72 + 40);
    file.writeUInt32LE(offset, at + 72 + 48);
    bytes.copy(file, offset);
  }
  return file;
};

/** A universal Mach-O file of several programs. */
export const universalFile = (programs: readonly Buffer[]): Buffer => {
  const placed = place(
    0x1000,
    programs.map((bytes) => ({ name: "", bytes })),
  );
  const file = Buffer.alloc(placed.end);
  file.writeUInt32BE(0xcafebabe, 0);
  file.writeUInt32BE(programs.length, 4);
  for (const [index, { bytes, offset }] of placed.parts.entries()) {
    file.writeUInt32BE(offset, 8 + index * 20 + 8);
    file.writeUInt32BE(bytes.length, 8 + index * 20 + 12);
    bytes.copy(file, offset);
  }
  return file;
};

const place = (
  start: number,
  parts: readonly Part[],
): { readonly parts: readonly (Part & { readonly offset: number })[]; readonly end: number } => {
  let end = start;
  const placed = parts.map((part) => {
    // Build information lies at multiples of 16.
    const offset = Math.ceil(end / 16) * 16;
    end = offset + part.bytes.length;
    return { ...part, offset };
  });
  return { parts: placed, end };
};

interface NumberWriter {
  readonly half: (file: Buffer, at: number, value: number) => void;
  readonly int: (file: Buffer, at: number, value: number) => void;
  readonly word: (file: Buffer, at: number, value: number) => void;
}

const numberWriter = (wide: boolean, big: boolean): NumberWriter => {
  const int = (file: Buffer, at: number, value: number): void => {
    if (big) file.writeUInt32BE(value, at);
    else file.writeUInt32LE(value, at);
  };
  return {
    half: (file, at, value) => {
      if (big) file.writeUInt16BE(value, at);
      else file.writeUInt16LE(value, at);
    },
    int,
    word: (file, at, value) => {
      if (!wide) int(file, at, value);
      else if (big) file.writeBigUInt64BE(BigInt(value), at);
      else file.writeBigUInt64LE(BigInt(value), at);
    },
  };
};
