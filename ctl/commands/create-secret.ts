// kctl create secret: of any kind, a TLS certificate and key, or the account of an image registry.

import { resolve } from "node:path";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { defineCommand } from "../command.ts";
import { buildRegistrySecret, buildSecret } from "../create/build-objects.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";
import { entryFlags, readEntries } from "../create/read-entries.ts";
import { text, textOr } from "../flags.ts";

const type = knownTypes.secret;

export const createSecretGeneric = defineCommand({
  usage: "create secret generic NAME [--from-file=[KEY=]FILE] [--from-literal=KEY=VALUE] [--type=TYPE] [flags]",
  examples: ["kctl create secret generic login --from-literal=user=ann --from-literal=password=…"],
  flags: { ...createFlags, ...entryFlags, type: text("The secret's type; Opaque unless given.") },
  async run({ flags, args, session }) {
    const name = onlyName(args, "secret generic");
    const object = buildSecret(name, await readEntries(session.io, flags), flags.type);
    await createBuilt(session, { type, object }, flags);
  },
});

export const createSecretTls = defineCommand({
  usage: "create secret tls NAME --cert=FILE --key=FILE [flags]",
  flags: {
    ...createFlags,
    cert: text("The file of the certificate, as PEM.", { placeholder: "FILE" }),
    key: text("The file of its private key, as PEM.", { placeholder: "FILE" }),
  },
  async run({ flags, args, session }) {
    const name = onlyName(args, "secret tls");
    if (!flags.cert || !flags.key) throw new CommandError("cert and key must both be specified");
    const data = new Map([
      ["tls.crt", await readPem(session.io, flags.cert)],
      ["tls.key", await readPem(session.io, flags.key)],
    ]);
    await createBuilt(session, { type, object: buildSecret(name, data, "kubernetes.io/tls") }, flags);
  },
});

async function readPem(io: CommandIo, path: string): Promise<Uint8Array> {
  const bytes = await io.files.readBytes(resolve(io.workingDirectory, path)).catch((error: Error) => {
    throw new CommandError(`${path} cannot be read: ${error.message}`);
  });
  if (Buffer.from(bytes).includes("-----BEGIN ")) return bytes;
  throw new CommandError(`${path} holds no PEM: it must have a line that starts with -----BEGIN`);
}

export const createSecretDockerRegistry = defineCommand({
  usage: "create secret docker-registry NAME --docker-username=USER --docker-password=PASSWORD [flags]",
  flags: {
    ...createFlags,
    "docker-server": textOr("https://index.docker.io/v1/", "The registry."),
    "docker-username": text("The account's name."),
    "docker-password": text("The account's password."),
    "docker-email": text("The account's address."),
  },
  async run({ flags, args, session }) {
    const name = onlyName(args, "secret docker-registry");
    const { "docker-username": username, "docker-password": password } = flags;
    if (!username || !password) {
      throw new CommandError(
        "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
      );
    }
    const account = { server: flags["docker-server"], username, password, email: flags["docker-email"] };
    await createBuilt(session, { type, object: buildRegistrySecret(name, account) }, flags);
  },
});
