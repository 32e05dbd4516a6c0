// Reads a manifest from the web, for `kctl apply -f https://…`.

import { CommandError } from "./command-error.ts";

const BYTES_MAX = 64 * 2 ** 20;

/** The text at the address. Throws CommandError, one sentence, where there is none. */
export async function download(url: string): Promise<string> {
  const response = await fetch(url).catch((error: Error) => {
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new CommandError(`unable to read URL ${JSON.stringify(url)}: ${cause}`);
  });
  if (!response.ok) {
    throw new CommandError(
      `unable to read URL ${JSON.stringify(url)}, server reported ${response.status} ${response.statusText}, status code=${response.status}`,
    );
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).length;
    if (length > BYTES_MAX)
      throw new CommandError(`unable to read URL ${JSON.stringify(url)}: it has more than 64 MiB`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString();
}
