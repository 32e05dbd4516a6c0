import { expect } from "chai";
import { cronJobs } from "../../api/batch/cron-job.ts";
import { jobs } from "../../api/batch/job.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { JobScene } from "../../testing/job-builders.ts";
import { Kctl } from "../../testing/kctl.ts";

describe("kctl create job and cronjob", () => {
  let parts: ControllerCluster;
  let kctl: Kctl;
  before(async () => {
    parts = await startControllerCluster();
    kctl = new Kctl(parts.cluster);
  });
  after(() => parts.cluster.stop());

  it("shows the job that it would create as kubectl does", async () => {
    const words = ["create", "job", "one", "--image=a:1", "--dry-run=client", "-oyaml", "--", "date"] as const;
    expect(await kctl.out(...words)).to.equal(`apiVersion: batch/v1
kind: Job
metadata:
  creationTimestamp: null
  name: one
spec:
  template:
    metadata:
      creationTimestamp: null
    spec:
      containers:
      - command:
        - date
        image: a:1
        name: one
        resources: {}
      restartPolicy: Never
status: {}
`);
  });

  it("makes a job of a cron job, which runs, and can be waited for", async () => {
    const made = ["create", "cronjob", "nightly", "--image=a:1", "--schedule=0 3 * * *", "--", "date"] as const;
    expect(await kctl.out(...made)).to.equal("cronjob.batch/nightly created\n");
    expect(await kctl.out("create", "job", "now", "--from=cronjob/nightly")).to.equal("job.batch/now created\n");
    await parts.cluster.settle();
    const owner = await parts.cluster.get(cronJobs, "nightly");
    const { metadata, spec } = await parts.cluster.get(jobs, "now");
    expect(metadata.ownerReferences?.[0]).to.include({ kind: "CronJob", uid: owner.metadata.uid, controller: true });
    expect(metadata.annotations).to.include({ "cronjob.kubernetes.io/instantiate": "manual" });
    expect(spec.template.spec.containers[0]?.command).to.deep.equal(["date"]);
    await new JobScene(parts.cluster).end("Succeeded");
    expect(await kctl.out("wait", "--for=condition=complete", "job/now")).to.equal("job.batch/now condition met\n");
    expect(await kctl.out("get", "job", "now", "--no-headers")).to.match(/^now +Complete +1\/1 /);
  });

  it("describes both as kubectl does", async () => {
    const describe = async (...words: readonly string[]) =>
      (await kctl.out("describe", ...words)).split("\n").map((line) => line.replace(/ {2,}/g, " "));
    expect(await describe("job/now")).to.include.members([
      "Name: now",
      "Controlled By: CronJob/nightly",
      "Completions: 1",
      "Completion Mode: NonIndexed",
      "Pods Statuses: 0 Active (0 Ready) / 1 Succeeded / 0 Failed",
    ]);
    expect(await describe("cronjob/nightly")).to.include.members([
      "Schedule: 0 3 * * *",
      "Concurrency Policy: Allow",
      "Suspend: False",
      "Successful Job History Limit: 3",
      "Failed Job History Limit: 1",
      "Starting Deadline Seconds: <unset>",
      "Selector: <unset>",
      "Last Schedule Time: <unset>",
      "Active Jobs: <none>",
    ]);
  });

  const refused: readonly (readonly [words: readonly string[], stderr: RegExp])[] = [
    [["create", "job", "x"], /^error: either --image or --from must be specified\n$/],
    [["create", "job", "x", "--image=a", "--from=cronjob/b"], /^error: either --image or --from must be specified\n$/],
    [["create", "job", "x", "--from=cronjob/b", "--", "date"], /^error: cannot specify --from and command\n$/],
    [["create", "job", "x", "--from=cronjob/none"], /cronjobs\.batch "none" not found/],
    [["create", "job", "x", "--from=job/now"], /^error: --from: a job is made from a cronjob, not from a Job\n$/],
    [["create", "cronjob", "x", "--image=a"], /^error: required flag\(s\) "schedule" not set\n$/],
  ];
  for (const [words, stderr] of refused) {
    it(`refuses ${words.join(" ")}`, async () => {
      const result = await kctl.run(...words);
      expect(result.stderr).to.match(stderr);
    });
  }
});
