// The flags that every command takes: which server, as whom, and in which namespace.

import { duration, integerOr, onOffUnsaid, text, type FlagValues } from "./flags.ts";

export const globalFlags = {
  kubeconfig: text("The kubeconfig file to use."),
  context: text("The context of the kubeconfig to use."),
  cluster: text("The cluster of the kubeconfig to use."),
  user: text("The user of the kubeconfig to use."),
  namespace: text("The namespace to work in.", { short: "n" }),
  server: text("The address of the API server.", { short: "s" }),
  token: text("The bearer token to identify with."),
  "certificate-authority": text("The file of the authority that has signed the server's certificate."),
  "client-certificate": text("The file of the certificate to identify with."),
  "client-key": text("The file of the certificate's private key."),
  "tls-server-name": text("The name that the server's certificate must carry."),
  "insecure-skip-tls-verify": onOffUnsaid("Believe any certificate of the server. Not safe."),
  "request-timeout": duration("How long one request may take, such as 30s; 0 for any time."),
  v: integerOr(0, "How much to tell: 6 shows the requests.", { short: "v" }),
};

export type GlobalFlags = FlagValues<typeof globalFlags>;
