// A small framework of its own: runs a batch of tasks on what the cluster offers it, and needs nothing but Node. It speaks plain
// HTTP with JSON: registers, watches its offers, accepts those that tasks fit into, and declines the rest. It keeps nothing: what
// has been started already is read from the cluster, where each task's name is its identity, so that it may crash at any time.

import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const {
  NAME = "batch",
  ROLE = "batch",
  NAMESPACE = "batch",
  TASKS = "6",
  CPU = "100m",
  MEMORY = "16Mi",
  IMAGE = "gantry/hello:1.0",
  COMMAND = "sleep 1",
  SERVER = "https://kubernetes.default.svc",
  CA_FILE = `${ACCOUNT}/ca.crt`,
  TOKEN_FILE = `${ACCOUNT}/token`,
} = process.env;

const GROUP = "/apis/scheduling.kctl.dev/v1";
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const isSecure = SERVER.startsWith("https:");
const ca = isSecure ? readFileSync(CA_FILE) : undefined;

/** Sends a request; resolves with the answer's head, its body still to be read. */
function send(method, path, body) {
  const headers = { accept: "application/json", "content-type": "application/json" };
  // A token is renewed in its file from time to time.
  if (isSecure) headers.authorization = `Bearer ${readFileSync(TOKEN_FILE, "utf8").trim()}`;
  return new Promise((resolve, reject) => {
    const request = (isSecure ? https : http).request(new URL(path, SERVER), { method, headers, ca }, resolve);
    request.on("error", reject).end(body && JSON.stringify(body));
  });
}

/** The answer's data. Throws for failures, but for the codes that the caller expects. */
async function call(method, path, { body, expected = [] } = {}) {
  const response = await send(method, path, body);
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  const data = JSON.parse(text || "{}");
  const { statusCode } = response;
  if (statusCode >= 400 && !expected.includes(statusCode)) {
    throw new Error(`${method} ${path} gave ${statusCode}: ${data.message}`);
  }
  return { statusCode, ...data };
}

/** Every object as it is now, then every change, as long as the server keeps the connection. */
async function* follow(path, selector) {
  const { items, metadata } = await call("GET", `${path}?${selector}`);
  yield* items;
  const query = `${selector}&watch=1&resourceVersion=${metadata.resourceVersion}`;
  const response = await send("GET", `${path}?${query}`);
  let rest = "";
  for await (const chunk of response.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const { type, object } of lines.filter(Boolean).map((line) => JSON.parse(line))) {
      if (type === "ERROR") return;
      if (type !== "DELETED") yield object;
    }
  }
}

/** Starts anew whenever the stream ends; hands each object on. */
async function followForever(path, selector, act) {
  for (;;) {
    try {
      for await (const object of follow(path, selector)) await act(object);
    } catch (error) {
      console.error(`${error.message}; trying again`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const names = Array.from({ length: Number(TASKS) }, (_, index) => `${NAME}-${index}`);
/** Tasks that the cluster has; those that it has lost are started again. */
const started = new Set();
const succeeded = new Set();

const task = (name) => ({
  metadata: { name, namespace: NAMESPACE },
  spec: {
    restartPolicy: "OnFailure",
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: "task",
        image: IMAGE,
        command: ["sh", "-c", COMMAND],
        resources: { requests: { cpu: CPU, memory: MEMORY } },
      },
    ],
  },
});

/** Thousandths of a core, or bytes. */
function amountOf(quantity = "0") {
  const [, digits, unit] = /^([0-9.]+)([a-zA-Z]*)$/.exec(quantity) ?? [];
  const units = { "": 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
  return Number(digits) * (units[unit] ?? NaN);
}

async function answer({ metadata, spec, status }) {
  if (status.phase !== "Outstanding") return;
  const path = `${GROUP}/offers/${metadata.name}`;
  const { cpu, memory, pods } = spec.resources;
  const room = Math.floor(
    Math.min(amountOf(cpu) / amountOf(CPU), amountOf(memory) / amountOf(MEMORY), amountOf(pods), 50),
  );
  const wanted = names.filter((name) => !started.has(name)).slice(0, room);
  // Somebody else may have been faster, and the offer may be over: the next one comes by itself.
  const expected = [404, 409];
  if (wanted.length === 0) {
    const isDone = names.every((name) => started.has(name));
    await call("POST", `${path}/decline`, { body: { filterSeconds: isDone ? 60 : 5 }, expected });
    console.log(`declined ${metadata.name} of ${spec.node}`);
    return;
  }
  const { results = [] } = await call("POST", `${path}/accept`, { body: { tasks: wanted.map(task) }, expected });
  for (const { name, started: isStarted, status: failure } of results) {
    if (isStarted || failure.reason === "AlreadyExists") started.add(name);
    console.log(isStarted ? `started ${name} on ${spec.node}` : `${name}: ${failure.message}`);
  }
}

function note({ metadata, status }) {
  if (!names.includes(metadata.name)) return;
  started.add(metadata.name);
  if (status.phase !== "Succeeded" || succeeded.has(metadata.name)) return;
  succeeded.add(metadata.name);
  console.log(`${metadata.name} has succeeded, ${succeeded.size} of ${names.length}`);
  if (succeeded.size < names.length) return;
  console.log("the batch is done");
  process.exit(0);
}

/** What runs already is known before anything is started. */
async function register() {
  const framework = {
    metadata: { name: NAME },
    spec: { role: ROLE, namespaces: [NAMESPACE], offerTimeoutSeconds: 10 },
  };
  const { statusCode } = await call("POST", `${GROUP}/frameworks`, { body: framework, expected: [409] });
  if (statusCode === 409) await call("POST", `${GROUP}/frameworks/${NAME}/revive`);
  const { items } = await call("GET", `${PODS}?labelSelector=scheduling.kctl.dev/framework=${NAME}`);
  items.forEach(note);
  console.log(
    `${statusCode === 409 ? "back" : "registered"} as ${NAME}; ${started.size} of ${names.length} tasks were started before`,
  );
}

await register();
await Promise.all([
  followForever(PODS, `labelSelector=scheduling.kctl.dev/framework=${NAME}`, note),
  followForever(`${GROUP}/offers`, `fieldSelector=spec.framework=${NAME}`, answer),
]);
