import type { Program } from "#sbom/executable/program.ts";

// Behind the program headers of ELF and Mach-O, and behind the section headers of PE (UPX, `struct l_info`, `p_info`).
const UPX = Buffer.from("UPX!");
const HEADERS = 4096;

/** Whether a program was packed by UPX: then all but its headers is compressed, and none of it can be searched. */
export const isPacked = ({ head }: Program): boolean => head.subarray(0, HEADERS).includes(UPX);
