// Makes extenders from what the configuration says, with the certificates that it names.

import type { ReadFile } from "../../client/kubeconfig.ts";
import type { Clock } from "../../lib/clock.ts";
import { httpsHandler } from "../../lib/http-client.ts";
import type { ExtenderConfiguration, ExtenderTls } from "../configuration/scheduler-configuration.ts";
import { Extender } from "./extender.ts";

/** Rejects where a file cannot be read. */
export function buildExtenders(
  configurations: readonly ExtenderConfiguration[],
  readFile: ReadFile,
  clock: Clock,
): Promise<readonly Extender[]> {
  return Promise.all(
    configurations.map(async (configuration) => {
      const { urlPrefix, tlsConfig = {}, enableHTTPS } = configuration;
      const tls = await readTls(tlsConfig, readFile);
      // As in Kubernetes, an extender without a certificate to check against is believed.
      const insecureSkipVerify = tlsConfig.insecure || (enableHTTPS && tls.ca === undefined);
      const transport = httpsHandler({ baseUrl: urlPrefix.replace(/\/+$/, ""), tls, insecureSkipVerify });
      return new Extender({ configuration, transport, clock });
    }),
  );
}

async function readTls(tls: ExtenderTls, readFile: ReadFile) {
  const read = async (data: string | undefined, file: string | undefined) => {
    if (data) return Buffer.from(data, "base64").toString();
    return file ? readFile(file) : undefined;
  };
  const [ca, cert, key] = await Promise.all([
    read(tls.caData, tls.caFile),
    read(tls.certData, tls.certFile),
    read(tls.keyData, tls.keyFile),
  ]);
  return { ca, cert, key, serverName: tls.serverName };
}
