// The outside load generator of the project's targets, where its program is given: the same requests, sent by a client that
// takes less of the machine than ours.

import { systemExec } from "../lib/exec.ts";

export interface KloadTarget {
  readonly program: string;
  readonly url: string;
  readonly token: string;
}

/** Runs one of kload's commands and resolves with the rate that it prints. Rejects when it fails or prints none. */
export async function runKload(
  { program, url, token }: KloadTarget,
  command: string,
  flags: Readonly<Record<string, string | number>>,
): Promise<number> {
  const all = { url, token, ...flags };
  const args = Object.entries(all).flatMap(([name, value]) => [`-${name}`, String(value)]);
  const { code, stdout, stderr } = await systemExec().run(program, [command, ...args]);
  const failed = /failed ([1-9]\d*)/.exec(stdout)?.[1];
  const rates = [...stdout.matchAll(/= (\d+)(?:\/s| events\/s)/g)];
  const rate = rates.at(-1)?.[1];
  if (code !== 0 || failed || rate === undefined) throw new Error(`kload ${command} failed: ${stderr}${stdout}`);
  return Number(rate);
}
