/** A project's name as PEP 503 compares it: `Zope_Interface` and `zope.interface` are `zope-interface`. */
export const normalizeName = (name: string): string => name.replace(/[-_.]+/g, "-").toLowerCase();
