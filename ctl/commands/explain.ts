// kctl explain: what the fields of a kind mean, as the server documents them.

import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { renderExplanation, type Schemas } from "../explain/render-explanation.ts";
import { onOff, text, textOr } from "../flags.ts";
import { typeOfKind, type ResourceType } from "../resource-type.ts";
import type { Session } from "../session.ts";

export const explain = defineCommand({
  usage: "explain TYPE[.FIELD ...] [--recursive] [--api-version=GROUP/VERSION]",
  examples: ["kctl explain pods", "kctl explain deploy.spec.strategy", "kctl explain cm --recursive"],
  flags: {
    recursive: onOff("Show the fields of fields too, without descriptions."),
    "api-version": text("The version to explain, such as apps/v1."),
    output: textOr("plaintext", "The form of the output: plaintext."),
  },
  async run({ flags, args, session }) {
    const [subject, ...more] = args;
    if (subject === undefined) {
      throw new CommandError(
        'You must specify the type of resource to explain. Use "kctl api-resources" for a complete list of supported resources.',
      );
    }
    if (more.length > 0) throw new CommandError("We accept only this format: explain RESOURCE");
    if (flags.output !== "plaintext")
      throw new CommandError(`the output ${flags.output} is not available; use plaintext`);
    const [word = "", ...path] = subject.split(".").filter((part) => part !== "");
    const type = await findExplained(session, word, flags["api-version"]);
    const schemas = await fetchSchemas(session, type);
    session.io.out(renderExplanation({ schemas, kind: type, path, recursive: flags.recursive }));
  },
});

async function findExplained(session: Session, word: string, apiVersion: string | undefined): Promise<ResourceType> {
  const discovery = await session.discovery();
  const type = await discovery.find(word);
  if (!apiVersion) return type;
  const found = typeOfKind(await discovery.all(), { apiVersion, kind: type.kind });
  if (found) return found;
  throw new CommandError(`couldn't find resource for "${apiVersion}, Kind=${type.kind}"`);
}

interface OpenApiIndex {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}

async function fetchSchemas(session: Session, { group, version }: ResourceType): Promise<Schemas> {
  const server = await session.server();
  const index = (await server.call({ method: "GET", path: "/openapi/v3" })) as OpenApiIndex;
  const place = index.paths[group ? `apis/${group}/${version}` : `api/${version}`]?.serverRelativeURL;
  if (!place) throw new CommandError(`the server has no OpenAPI document of ${group ? `${group}/` : ""}${version}`);
  const [path = "", query = ""] = place.split("?", 2);
  const params = Object.fromEntries(new URLSearchParams(query));
  const document = (await server.call({ method: "GET", path, query: params })) as {
    readonly components?: { readonly schemas?: Schemas };
  };
  return document.components?.schemas ?? {};
}
