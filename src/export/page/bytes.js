// Texts to bytes and back, and zlib streams.

/** The bytes that are written in base64 in `text`. */
export function bytes_of_base64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** What text cannot hold, by number (src/export/compact_text.h). */
const REFUSED = [0, 13, 60];

/** The bytes that are written in `text` by compact_text_of(). */
export function bytes_of_text(text) {
  let sevens = text.length;
  for (let i = 0; i < text.length; ++i) if (text.charCodeAt(i) >> 7 && text.charCodeAt(i) < 0x200) ++sevens;
  const bytes = new Uint8Array(Math.floor(sevens * 7 / 8));
  let at = 0, held = 0, count = 0;
  function put(seven) {
    held = (held << 7 | seven) & 0x3fff;
    count += 7;
    if (count >= 8) {
      count -= 8;
      bytes[at++] = held >> count;
    }
  }
  for (let i = 0; i < text.length; ++i) {
    const letter = text.charCodeAt(i);
    if (letter < 0x80) {
      put(letter);
    } else if (letter < 0x200) {
      put(REFUSED[(letter >> 7) - 1]);
      put(letter & 127);
    } else {
      put(REFUSED[letter - 0x200]);
    }
  }
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
