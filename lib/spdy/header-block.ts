// Header blocks of SPDY/3: names and values, compressed as one zlib stream for a whole connection and direction, flushed
// to whole bytes after each block. So a block can be read alone, given the last 32 KiB of text before it: that text is all
// the state there is, and nothing of zlib outlives a call.

import { deflateRawSync, inflateRawSync, constants } from "node:zlib";
import { spdyDictionary, SPDY_DICTIONARY_ID } from "./dictionary.ts";
import { SpdyError } from "./spdy-error.ts";

/** Names in lower case. Several values of one name are separated by NUL. */
export type SpdyHeaders = ReadonlyMap<string, string>;

/** How large a block may become: a few compressed bytes can stand for megabytes. */
const BLOCK_BYTES_MAX = 64 * 1024;
const WINDOW_BYTES = 32 * 1024;
/** A zlib stream with a 32 KiB window that names its dictionary. */
const ZLIB_START = Buffer.from([0x78, 0xbb, 0, 0, 0, 0]);
ZLIB_START.writeUInt32BE(SPDY_DICTIONARY_ID, 2);

export class HeaderWriter {
  #window = spdyDictionary;
  #start = ZLIB_START;

  write(headers: SpdyHeaders): Buffer {
    const block = encodeBlock(headers);
    const dictionary = this.#window;
    const compressed = deflateRawSync(block, { dictionary, finishFlush: constants.Z_SYNC_FLUSH });
    const written = Buffer.concat([this.#start, compressed]);
    this.#start = Buffer.alloc(0);
    this.#window = slide(dictionary, block);
    return written;
  }
}

export class HeaderReader {
  #window = spdyDictionary;
  #begun = false;

  /** Throws SpdyError. */
  read(compressed: Buffer): SpdyHeaders {
    const block = inflate(this.#begun ? compressed : withoutStart(compressed), this.#window);
    this.#begun = true;
    this.#window = slide(this.#window, block);
    return decodeBlock(block);
  }
}

const slide = (window: Buffer, block: Buffer) => Buffer.concat([window, block]).subarray(-WINDOW_BYTES);

function withoutStart(compressed: Buffer): Buffer {
  if (compressed.length < ZLIB_START.length) throw new SpdyError("the first header block has no zlib header");
  const first = compressed.readUInt16BE(0);
  const names = (first & 0x20) !== 0 && compressed.readUInt32BE(2) === SPDY_DICTIONARY_ID;
  if (first % 31 !== 0 || (first >> 8) % 16 !== 8 || !names) {
    throw new SpdyError("the first header block does not begin a zlib stream over SPDY/3's dictionary");
  }
  return compressed.subarray(ZLIB_START.length);
}

function inflate(compressed: Buffer, dictionary: Buffer): Buffer {
  try {
    const finishFlush = constants.Z_SYNC_FLUSH;
    return inflateRawSync(compressed, { dictionary, finishFlush, maxOutputLength: BLOCK_BYTES_MAX });
  } catch (cause) {
    throw new SpdyError(`a header block cannot be decompressed to at most ${BLOCK_BYTES_MAX} bytes`, { cause });
  }
}

function encodeBlock(headers: SpdyHeaders): Buffer {
  const parts = [...headers].flatMap(([name, value]) => [counted(name.toLowerCase()), counted(value)]);
  return Buffer.concat([numberOf(headers.size), ...parts]);
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([numberOf(bytes.length), bytes]);
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function decodeBlock(block: Buffer): SpdyHeaders {
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > block.length - at) throw new SpdyError("a header block ends early");
    at += length;
    return block.subarray(at - length, at);
  };
  const number = () => take(4).readUInt32BE();
  const headers = new Map<string, string>();
  for (let left = number(); left > 0; left--) {
    const name = take(number()).toString();
    if (name === "" || name !== name.toLowerCase()) {
      throw new SpdyError(`${JSON.stringify(name.slice(0, 100))} is no header name: it must be in lower case`);
    }
    if (headers.has(name)) throw new SpdyError(`the header ${JSON.stringify(name.slice(0, 100))} comes twice`);
    headers.set(name, take(number()).toString());
  }
  if (at !== block.length) throw new SpdyError("a header block has bytes after its last header");
  return headers;
}
