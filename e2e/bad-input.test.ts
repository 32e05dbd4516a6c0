// Bad input and attacks against a real HTTPS server, as results that a client and the process can see. The cases' numbers are
// those of the project's list of faults.

import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { systemClock } from "../lib/clock.ts";
import { createTestAuthority } from "../testing/test-certificates.ts";
import { InProcessCluster } from "./in-process-cluster.ts";
import { RawClient, type Answered, type Sent } from "./raw-client.ts";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const PODS = "/api/v1/namespaces/default/pods";
const SERVICES = "/api/v1/namespaces/default/services";
const YAML = { "content-type": "application/yaml" };
const MERGE = { "content-type": "application/merge-patch+json" };
const JSON_PATCH = { "content-type": "application/json-patch+json" };
const DRY = "?dryRun=All";
/** Far above what a request may take and far below what a bomb would: server, test and other work share two cores. */
const DELAY_MAX_MS = 2000;
const GROWTH_MAX_BYTES = 150 * 2 ** 20;

const configMap = (name: unknown, rest: object = {}) => JSON.stringify({ metadata: { name }, ...rest });
const pod = (container: string, spec = "") =>
  `{"metadata":{"name":"p"},"spec":{${spec}"containers":[{"name":"a","image":"b"${container}}]}}`;
const fieldsOf = ({ data }: Answered) => data.details?.causes?.map(({ field }) => field);

function aliasBomb(): string {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const nine = (item: string) => `[${Array.from({ length: 9 }, () => item).join(",")}]`;
  return names.map((name, index) => `${name}: &${name} ${nine(index === 0 ? "x" : `*${names[index - 1]}`)}\n`).join("");
}

describe("bad input and attacks", () => {
  let cluster: InProcessCluster;
  let client: RawClient;
  let atStart: NodeJS.MemoryUsage;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  before(async () => {
    cluster = await InProcessCluster.start(["apiserver"]);
    client = RawClient.of(cluster.kubeconfig, cluster.port);
    await client.ask("GET", "/openapi/v2");
    // There is no controller that makes it.
    await client.ask("POST", "/api/v1/namespaces/default/serviceaccounts", { body: '{"metadata":{"name":"default"}}' });
    atStart = process.memoryUsage();
  });
  after(() => cluster.remove());
  beforeEach(() => {
    delay.reset();
    delay.enable();
  });
  afterEach(async () => {
    delay.disable();
    expect(delay.max / 1e6, "the longest time without a turn of the event loop").to.be.lessThan(DELAY_MAX_MS);
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    expect((await client.ask("GET", "/readyz")).text).to.equal("ok");
  });

  const create = (path: string, body: Sent["body"], headers?: Sent["headers"]) =>
    client.ask("POST", path, { body, headers });

  describe("B1, B2: what is large, deep or endless", () => {
    const cases: [title: string, body: () => Sent, codes: readonly number[]][] = [
      ["a YAML alias bomb", () => ({ body: aliasBomb(), headers: YAML }), [400]],
      ["a function in YAML", () => ({ body: "data: {a: !!js/function 'x'}", headers: YAML }), [400]],
      ["10 MB of colons", () => ({ body: ":".repeat(10_000_000), headers: YAML }), [413]],
      ["2.9 MB of colons", () => ({ body: ":".repeat(2_900_000), headers: YAML }), [400, 422]],
      ["lists nested 100,000 deep", () => ({ body: "[".repeat(100_000) + "]".repeat(100_000) }), [400]],
      ["objects nested 100,000 deep", () => ({ body: `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}` }), [400]],
      ["4 MB of JSON", () => ({ body: configMap("x", { data: { a: "x".repeat(4_000_000) } }) }), [413]],
      [
        "a gzip bomb",
        () => ({ body: gzipSync(Buffer.alloc(50_000_000, " ")), headers: { "content-encoding": "gzip" } }),
        [415],
      ],
    ];
    for (const [title, sent, codes] of cases) {
      it(`refuses ${title}`, async () => {
        const { code, data } = await client.ask("POST", CONFIG_MAPS, sent());
        expect(codes).to.include(code);
        expect(data.kind).to.equal("Status");
      });
    }

    it("ends a chunked body as soon as it is too large", async () => {
      const socket = await client.connect();
      let received = "";
      socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
      socket.write(`POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
      for (let sent = 0; sent < 80; sent += 1) socket.write(chunk);
      if (!socket.closed) await once(socket, "close");
      expect(received).to.match(/^HTTP\/1.1 413 /);
    });

    it("ends a body that stops coming by the time limit, not by the client's patience", async () => {
      // The limit itself is 30 s; that it works is tested with a short one beside lib/http-server.ts.
      const socket = await client.connect();
      socket.write(`POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`);
      expect((await create(CONFIG_MAPS + DRY, configMap("beside"))).code).to.equal(201);
      socket.destroy();
    });
  });

  describe("B3: duplicate and unknown fields", () => {
    const body = '{"metadata":{"name":"d","name":"e"},"data":{"a":"1","a":"2"},"zz":1}';
    const ask = (level: string) => create(`${CONFIG_MAPS}${DRY}&fieldValidation=${level}`, body);

    it("are refused under Strict", async () => {
      const { code, data } = await ask("Strict");
      expect(code).to.equal(400);
      expect(data.message).to.contain(
        'strict decoding error: duplicate field "metadata.name", duplicate field "data.a", unknown field "zz"',
      );
    });

    it("are warned of under Warn, which is the default", async () => {
      for (const level of ["Warn", ""]) {
        const { code, headers, data } = await ask(level);
        expect([code, data.metadata?.name, data.data]).to.deep.equal([201, "e", { a: "2" }]);
        expect(headers.warning).to.equal(
          '299 - "duplicate field \\"metadata.name\\"", 299 - "duplicate field \\"data.a\\"", 299 - "unknown field \\"zz\\""',
        );
      }
    });

    it("are passed over under Ignore", async () => {
      const { code, headers } = await ask("Ignore");
      expect([code, headers.warning]).to.deep.equal([201, undefined]);
    });

    it("cannot be treated in other ways", async () => {
      expect(fieldsOf(await ask("Odd"))).to.deep.equal(["fieldValidation"]);
    });
  });

  describe("B4: the names of JavaScript's own machinery", () => {
    const names = ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString"];

    it("are plain keys of data", async () => {
      const body = '{"metadata":{"name":"proto"},"data":{"__proto__":"1","constructor":"2","hasOwnProperty":"3"}}';
      expect((await create(CONFIG_MAPS, body)).code).to.equal(201);
      const { data } = await client.ask("GET", `${CONFIG_MAPS}/proto`);
      expect(Object.entries(data.data ?? {})).to.have.deep.members([
        ["__proto__", "1"],
        ["constructor", "2"],
        ["hasOwnProperty", "3"],
      ]);
    });

    const patches: [type: Readonly<Record<string, string>>, body: string][] = [
      [MERGE, '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'],
      [MERGE, '{"data":{"__proto__":"9"},"metadata":{"annotations":{"constructor":"x"}}}'],
      [{ "content-type": "application/strategic-merge-patch+json" }, '{"metadata":{"__proto__":{"polluted":1}}}'],
      [JSON_PATCH, '[{"op":"add","path":"/__proto__/polluted","value":1}]'],
      [JSON_PATCH, '[{"op":"add","path":"/data/constructor/prototype/polluted","value":"1"}]'],
      [JSON_PATCH, '[{"op":"add","path":"/metadata/__proto__/polluted","value":"1"}]'],
    ];
    for (const [headers, body] of patches) {
      it(`do no harm in the patch ${body}`, async () => {
        const { code } = await client.ask("PATCH", `${CONFIG_MAPS}/proto`, { body, headers });
        expect([200, 422]).to.include(code);
        const { data } = await client.ask("GET", `${CONFIG_MAPS}/proto`);
        expect(data).to.have.all.keys("kind", "apiVersion", "metadata", "data");
      });
    }

    it("name nothing in paths and selectors", async () => {
      for (const name of names) {
        for (const path of [
          `${CONFIG_MAPS}/${name}`,
          `/api/v1/${name}`,
          `/apis/${name}/v1/x`,
          `/${name}`,
          `${PODS}/x/${name}`,
        ]) {
          expect((await client.ask("GET", path)).code, path).to.equal(404);
        }
        expect((await client.ask("GET", `${CONFIG_MAPS}?fieldSelector=${name}%3Dx`)).code).to.equal(400);
      }
    });
  });

  describe("B5: numbers", () => {
    const refused: [body: string, code: number][] = [
      [pod("", '"terminationGracePeriodSeconds":1e9999,'), 400],
      [pod("", '"terminationGracePeriodSeconds":9223372036854775808,'), 400],
      [pod("", '"terminationGracePeriodSeconds":1.5,'), 400],
      [pod("", '"activeDeadlineSeconds":9007199254740993,'), 422],
      [pod(',"resources":{"requests":{"cpu":"-1"}}'), 422],
      ...["1e9999", "NaN", "1 Gi", "", "0x10", "99999999999999999999999Ei", "1e400000000"].map(
        (amount): [string, number] => [pod(`,"resources":{"requests":{"cpu":"${amount}"}}`), 400],
      ),
      [pod(',"resources":{"requests":{"cpu":NaN}}'), 400],
    ];
    for (const [body, code] of refused) {
      it(`are refused in ${body}`, async () => {
        expect((await create(PODS + DRY, body)).code).to.equal(code);
      });
    }

    it("above 2^53 come back as they were sent", async () => {
      const { code, text } = await create(PODS + DRY, pod("", '"terminationGracePeriodSeconds":9007199254740993,'));
      expect(code).to.equal(201);
      expect(text).to.contain('"terminationGracePeriodSeconds":9007199254740993');
    });

    it("are written in their canonical form", async () => {
      for (const [sent, kept] of [
        ["0.1", "100m"],
        ["1e3", "1k"],
        ['"1Ei"', "1Ei"],
      ] as const) {
        const { text } = await create(PODS + DRY, pod(`,"resources":{"requests":{"cpu":${sent}}}`));
        expect(text).to.contain(`"cpu":"${kept}"`);
      }
    });
  });

  describe("B8: names, labels and paths", () => {
    const names = ["a".repeat(254), "A", "..", ".", "a..b", "a\u0000", "😀", "a.", "", "a/b", "a%2fb"];
    for (const name of names) {
      it(`refuses the name ${JSON.stringify(name.slice(0, 10))}`, async () => {
        const answered = await create(CONFIG_MAPS + DRY, configMap(name));
        expect(answered.code).to.equal(422);
        expect(fieldsOf(answered)).to.deep.equal(["metadata.name"]);
      });
    }

    it("refuses labels that are too long, all of them at once", async () => {
      const labels = { a: "b".repeat(64), ["k".repeat(64)]: "x", "-a": "z" };
      const answered = await create(CONFIG_MAPS + DRY, JSON.stringify({ metadata: { name: "a", labels } }));
      expect([answered.code, fieldsOf(answered)]).to.deep.equal([422, Array(3).fill("metadata.labels")]);
    });

    it("serves no path that leads elsewhere", async () => {
      for (const path of ["..", "%2e%2e", "%2e%2e%2fpods", "a%00b", "%zz", "a%2fb", "a%5cb"]) {
        expect((await client.ask("GET", `${CONFIG_MAPS}/${path}`)).code, path).to.equal(400);
      }
    });
  });

  describe("B11: sizes", () => {
    const KIBI = 2 ** 20;
    const cases: [title: string, path: string, body: () => string, code: number][] = [
      ["takes 1 MiB in a ConfigMap", CONFIG_MAPS, () => configMap("edge", { data: { a: "x".repeat(KIBI) } }), 201],
      ["refuses a byte more", CONFIG_MAPS, () => configMap("over", { data: { a: "x".repeat(KIBI + 1) } }), 422],
      [
        "refuses a Secret above 1 MiB",
        "/api/v1/namespaces/default/secrets",
        () => configMap("over", { data: { a: Buffer.alloc(KIBI + 1).toString("base64") } }),
        422,
      ],
      [
        "refuses annotations above 256 KiB",
        CONFIG_MAPS,
        () => JSON.stringify({ metadata: { name: "over", annotations: { a: "x".repeat(256 * 1024) } } }),
        422,
      ],
      ["refuses what etcd could not store", PODS, () => pod(`,"args":["${"x".repeat(1_700_000)}"]`), 413],
      [
        "takes 10,000 keys",
        CONFIG_MAPS,
        () =>
          configMap("keys", { data: Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, "v"])) }),
        201,
      ],
    ];
    for (const [title, path, body, code] of cases) {
      it(title, async () => {
        expect((await create(path, body())).code).to.equal(code);
      });
    }

    it("bounds what a patch may do", async () => {
      await create(CONFIG_MAPS, configMap("target", { data: { a: "x".repeat(100_000) } }));
      const ask = (operations: object) =>
        client.ask("PATCH", `${CONFIG_MAPS}/target`, { body: JSON.stringify(operations), headers: JSON_PATCH });
      const many = Array(10_001).fill({ op: "add", path: "/data/b", value: "x" });
      expect((await ask(many)).code).to.equal(413);
      const doubling = Array.from({ length: 40 }, (_, at) => ({ op: "copy", from: "/data", path: `/data/x${at}` }));
      expect((await ask(doubling)).code).to.equal(422);
    });
  });

  describe("bodies that are no objects", () => {
    const bodies: [title: string, body: string | Buffer, code: number][] = [
      ["null", "null", 400],
      ["a list", "[]", 400],
      ["a number", "1", 400],
      ["nothing", "", 400],
      ["half an object", "{", 400],
      ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400],
      ["metadata that is null", '{"metadata":null}', 422],
      ["metadata that is a list", '{"metadata":[]}', 400],
      ["data of the wrong type", '{"metadata":{"name":"x"},"data":"a"}', 400],
      ["another kind", '{"kind":"Secret","metadata":{"name":"x"}}', 400],
      ["another version", '{"apiVersion":"v2","metadata":{"name":"x"}}', 400],
    ];
    for (const [title, body, code] of bodies) {
      it(`${title}: ${code}`, async () => {
        expect((await create(CONFIG_MAPS + DRY, body)).code).to.equal(code);
      });
    }
  });

  describe("S1: who may ask", () => {
    const nowMs = systemClock().now();
    const PUBLIC = ["/livez", "/readyz", "/healthz", "/version"];
    const PRIVATE = ["/api", "/apis", "/api/v1/secrets", "/metrics", "/openapi/v2", "/"];

    const assertStranger = async (stranger: RawClient, headers: Readonly<Record<string, string>> = {}) => {
      for (const path of PUBLIC) expect((await stranger.ask("GET", path, { headers })).code, path).to.equal(200);
      for (const path of PRIVATE) expect((await stranger.ask("GET", path, { headers })).code, path).to.equal(401);
    };

    it("is a stranger without a certificate, or with a token that nobody has given out", async () => {
      await assertStranger(client.as({}));
      for (const token of ["x", "", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzeXN0ZW06YWRtaW4ifQ."]) {
        await assertStranger(client.as({}), { authorization: `Bearer ${token}` });
      }
    });

    it("is a stranger with another authority's certificate, whatever it says", async () => {
      const authority = await createTestAuthority(nowMs);
      await assertStranger(client.as(await authority.client("system:admin", ["system:masters"])));
    });

    it("cannot make itself somebody else by headers", async () => {
      await assertStranger(client.as({}), { "x-remote-user": "admin", "x-remote-group": "system:masters" });
    });
  });

  describe("S4: upgrades that fail", () => {
    it("leave no connection behind on which more can be asked", async () => {
      await create(PODS, pod("", '"schedulerName":"none",'));
      const socket = await client.connect();
      let received = "";
      socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
      const upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
      socket.write(`GET ${PODS}/p/exec?command=id&stdout=1 HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n\r\n`);
      socket.write("GET /exec/default/p/a?command=id HTTP/1.1\r\nHost: x\r\n\r\n");
      if (!socket.closed) await once(socket, "close");
      expect(received.match(/HTTP\/1\.1 \d{3}/g)).to.deep.equal(["HTTP/1.1 400"]);
    });
  });

  describe("S11: addresses that belong to somebody else", () => {
    const forbidden = ["127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1"];
    for (const address of forbidden) {
      it(`refuses ${address} in endpoints, slices and external IPs`, async () => {
        const subsets = [{ addresses: [{ ip: address }], ports: [{ port: 1 }] }];
        const endpoints = JSON.stringify({ metadata: { name: "e" }, subsets });
        const slice = JSON.stringify({
          metadata: { name: "e" },
          addressType: "IPv4",
          endpoints: [{ addresses: [address] }],
        });
        const service = JSON.stringify({
          metadata: { name: "e" },
          spec: { ports: [{ port: 1 }], externalIPs: [address] },
        });
        expect((await create(`/api/v1/namespaces/default/endpoints${DRY}`, endpoints)).code).to.equal(422);
        expect(
          (await create(`/apis/discovery.k8s.io/v1/namespaces/default/endpointslices${DRY}`, slice)).code,
        ).to.equal(422);
        expect((await create(SERVICES + DRY, service)).code).to.equal(422);
      });
    }
  });

  it("has not made the process grow much", () => {
    const grown = process.memoryUsage().rss - atStart.rss;
    expect(grown).to.be.lessThan(GROWTH_MAX_BYTES);
  });
});
