import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const AFTER = "kctl.dev/starts-after";
const PODS = "/api/v1/namespaces/default/pods";
const APPS = "/apis/apps/v1/namespaces/default";
const CRON_JOBS = "/apis/batch/v1/namespaces/default/cronjobs";

const containers = [{ name: "c", image: "i" }];
const podOf = (after: string, spec: object = {}) => ({
  metadata: { name: "web", annotations: { [AFTER]: after } },
  spec: { containers, ...spec },
});
const deploymentOf = (annotations: object) => ({
  metadata: { name: "web" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" }, annotations }, spec: { containers } },
  },
});

describe("pods that start after others", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());
  const gates = async () => {
    const { spec } = (await api.get(`${PODS}/web`)) as unknown as {
      readonly spec: { readonly schedulingGates?: readonly { readonly name: string }[] };
    };
    return spec.schedulingGates?.map(({ name }) => name);
  };

  it("are made with a gate, besides their own", async () => {
    await api.create(PODS, podOf("sts/db", { schedulingGates: [{ name: "example.com/mine" }] }));
    expect(await gates()).to.deep.equal(["example.com/mine", AFTER]);
  });

  it("are made with one gate where they bring it themselves", async () => {
    await api.create(PODS, podOf("sts/db", { schedulingGates: [{ name: AFTER }] }));
    expect(await gates()).to.deep.equal([AFTER]);
  });

  it("are made without one where the annotation names nothing", async () => {
    await api.create(PODS, podOf(" , "));
    expect(await gates()).to.equal(undefined);
  });

  it("are not held back where they are bound already, and the client is told", async () => {
    const { code, headers } = await api.call("POST", PODS, { body: podOf("sts/db", { nodeName: "n1" }) });
    expect(code).to.equal(201);
    expect(JSON.stringify(headers)).to.include("has no effect on a pod that is bound to a node already");
    expect(await gates()).to.equal(undefined);
  });

  it("are refused where nobody can tell after what", async () => {
    const { code, data } = await api.call("POST", PODS, { body: podOf("db") });
    expect([code, data.message]).to.deep.equal([
      422,
      'Pod "web" is invalid: metadata.annotations[kctl.dev/starts-after]: Invalid value: "db": "db" must be KIND/NAME of an object in the same namespace, such as statefulset/db',
    ]);
  });

  it("are refused as templates already", async () => {
    const deployed = await api.call("POST", `${APPS}/deployments`, { body: deploymentOf({ [AFTER]: "db" }) });
    expect([deployed.code, deployed.data.message]).to.deep.equal([
      422,
      'Deployment.apps "web" is invalid: spec.template.metadata.annotations[kctl.dev/starts-after]: Invalid value: "db": "db" must be KIND/NAME of an object in the same namespace, such as statefulset/db',
    ]);
    const { metadata } = deploymentOf({});
    const template = {
      metadata: { annotations: { "kctl.dev/on-dependency-restart": "always" } },
      spec: { containers, restartPolicy: "Never" },
    };
    const body = { metadata, spec: { schedule: "* * * * *", jobTemplate: { spec: { template } } } };
    const scheduled = await api.call("POST", CRON_JOBS, { body });
    expect([scheduled.code, scheduled.data.message]).to.deep.equal([
      422,
      'CronJob.batch "web" is invalid: spec.jobTemplate.spec.template.metadata.annotations[kctl.dev/on-dependency-restart]: Unsupported value: "always": supported values: "restart", "ignore"',
    ]);
  });

  it("are refused when a change makes it wrong", async () => {
    await api.create(`${APPS}/deployments`, deploymentOf({ [AFTER]: "sts/db" }));
    const path = `${APPS}/deployments/web`;
    const patch = { spec: { template: { metadata: { annotations: { [AFTER]: "sts" } } } } };
    const headers = { "content-type": "application/merge-patch+json" };
    expect((await api.call("PATCH", path, { body: patch, headers })).code).to.equal(422);
    const scale = { spec: { replicas: 3 } };
    expect((await api.call("PATCH", path, { body: scale, headers })).code).to.equal(200);
  });
});
