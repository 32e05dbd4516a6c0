// What users write to name resources: `pods`, `po,svc`, `pod web db`, `deploy/web svc/web`, `all`. Reads it against the server's
// discovery, with kubectl's rules and messages for what cannot be combined.

import { CommandError } from "./command-error.ts";
import type { Discovery } from "./discovery.ts";
import type { ResourceType } from "./resource-type.ts";

/** One object, or, without a name, all of a type. */
export interface ObjectRequest {
  readonly type: ResourceType;
  readonly name?: string;
}

/** In the order in which they were named. Throws CommandError for unknown types and mixed forms. */
export async function parseResourceArguments(
  discovery: Discovery,
  args: readonly string[],
): Promise<readonly ObjectRequest[]> {
  if (args.length === 0) return [];
  if (args.some((arg) => arg.includes("/"))) return parsePairs(discovery, args);
  const [words = "", ...names] = args;
  const types = await findTypes(discovery, words);
  if (names.length === 0) return types.map((type) => ({ type }));
  return types.flatMap((type) => names.map((name) => ({ type, name })));
}

async function parsePairs(discovery: Discovery, args: readonly string[]): Promise<readonly ObjectRequest[]> {
  const [first = ""] = args;
  if (args.length > 1 && !first.includes("/")) {
    throw new CommandError(
      `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kctl get resource/<resource_name>' instead of 'kctl get resource resource/<resource_name>'`,
    );
  }
  const requests: ObjectRequest[] = [];
  for (const arg of args) {
    const [word = "", name = "", ...more] = arg.split("/");
    if (!word || !name || more.length > 0) {
      throw new CommandError(
        `arguments in resource/name form must have a single resource and name, which "${arg}" has not`,
      );
    }
    requests.push({ type: await discovery.find(word), name });
  }
  return requests;
}

async function findTypes(discovery: Discovery, words: string): Promise<readonly ResourceType[]> {
  const types: ResourceType[] = [];
  for (const word of words.split(",").filter((each) => each !== "")) {
    types.push(...((await discovery.findCategory(word)) ?? [await discovery.find(word)]));
  }
  return types;
}
