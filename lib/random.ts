// Randomness as a dependency: the simulator passes a seeded source, so that a run can be repeated.

export interface Random {
  /** Uniform in [0, 1). */
  float(): number;
  /** Bytes fit for keys and tokens when the source is systemRandom. */
  bytes(count: number): Uint8Array;
}

/** Asking the machine costs the same for 16 bytes and for some thousand. */
const POOL_BYTES = 4096;

/** The machine's randomness; its bytes are fit for keys. */
export function systemRandom(): Random {
  let pool = new Uint8Array();
  return {
    float: () => Math.random(),
    bytes(count) {
      if (count > POOL_BYTES) return crypto.getRandomValues(new Uint8Array(count));
      if (pool.length < count) pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
      // Each byte is given out once, and the pool keeps no view of it.
      const bytes = pool.subarray(0, count);
      pool = pool.subarray(count);
      return bytes;
    },
  };
}

/** A repeatable source (mulberry32). For tests and the simulator; not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const float = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { float, bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(float() * 256)) };
}

/** A version 4 UUID (RFC 9562). */
export function uuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

// Kubernetes leaves out vowels and look-alikes, so that generated names spell no words.
const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** A suffix for generated names, as in `web-7d4b9-x2x9k`. */
export function nameSuffix(random: Random, length = 5): string {
  return Array.from({ length }, () => SUFFIX_ALPHABET[Math.floor(random.float() * SUFFIX_ALPHABET.length)]).join("");
}
