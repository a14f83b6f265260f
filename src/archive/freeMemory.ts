/**
 * Gives the memory of bytes that nobody needs any more back at once, where nothing else is in their buffer: what waits for the
 * collector adds up to hundreds of megabytes, and to a full collection each time.
 */
export const freeMemory = ({ buffer, byteLength }: Uint8Array): void => {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
};
