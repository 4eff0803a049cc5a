// Texts to bytes and back, and zlib streams.

/** The bytes that are written in base64 in `text`. */
export function bytes_of_base64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

async function through(stream, bytes) {
  const result = new Response(new Blob([bytes]).stream().pipeThrough(stream));
  return new Uint8Array(await result.arrayBuffer());
}

/** What the zlib stream `bytes` holds. */
export function inflated(bytes) {
  return through(new DecompressionStream("deflate"), bytes);
}

/** A zlib stream of `bytes`. */
export function deflated(bytes) {
  return through(new CompressionStream("deflate"), bytes);
}
