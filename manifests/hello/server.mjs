// The sample application: says which pod answers and in which version, and ends without dropping a request. Needs nothing
// but Node. It listens on the pod's own address, so that it runs the same as a container and as a plain process.

import { createServer } from "node:http";

const { POD_IP = "0.0.0.0", POD_NAME = "no pod", PORT = "8080", VERSION = "none", DRAIN_MS = "1500" } = process.env;

let draining = false;

const server = createServer((request, response) => {
  if (draining) response.setHeader("connection", "close");
  const path = new URL(request.url ?? "/", "http://hello").pathname;
  if (path === "/healthz") {
    response.writeHead(draining ? 503 : 200).end(draining ? "draining\n" : "ok\n");
  } else if (path === "/") {
    response.writeHead(200, { "content-type": "text/plain" }).end(`Hello from ${POD_NAME}, version ${VERSION}\n`);
  } else {
    response.writeHead(404).end("not found\n");
  }
});

server.listen(Number(PORT), POD_IP, () => console.log(`version ${VERSION} listens on ${POD_IP}:${PORT}`));

// The pod leaves its Service at the same time as it gets this signal: whoever has not heard of it yet is still served.
process.on("SIGTERM", () => {
  if (draining) return;
  draining = true;
  console.log("draining");
  setTimeout(() => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  }, Number(DRAIN_MS));
});
