// What a browser sees at the API server's address: where it has come, and how to get on. It tells nothing that needs a
// permission, for it is shown to everybody.

import type { Pages } from "../lib/http-server.ts";
import { versionInfo } from "./version-info.ts";

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Gantry</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>Gantry</h1>
<p>This is the API server of a Kubernetes-compatible cluster, version ${versionInfo.gitVersion}.
<p>Talk to it with <code>kctl</code> or <code>kubectl</code> and the kubeconfig that <code>kctl up</code> has printed:
<pre>kctl get nodes</pre>
<p>Without credentials: <a href="/version">/version</a>, <a href="/livez?verbose">/livez</a>, <a href="/readyz?verbose">/readyz</a>.
</html>
`;

export const registerIndexPage: Pages = (app) => {
  app.get("/", (_request, response) => {
    response.set("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'").type("html").send(page);
  });
};
