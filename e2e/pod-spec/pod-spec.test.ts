import { expect } from "chai";
import { configMaps } from "../../api/core/config-map.ts";
import { secrets } from "../../api/core/secret.ts";
import { services } from "../../api/core/service.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { allCases, refusedCases } from "./all-cases.ts";
import { PodLab } from "./pod-lab.ts";

const namespace = "default";

describeWith(["docker", "kubectl", "root"], "what a pod's spec says, on Docker", function () {
  let lab: PodLab;

  before(async () => {
    lab = await PodLab.start();
    const { client } = lab;
    await client.create(configMaps, { metadata: { namespace, name: "colors" }, data: { wall: "red" } });
    await client.create(secrets, { metadata: { namespace, name: "hidden" }, stringData: { wall: "black" } });
    const profile = {
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }],
    };
    await lab.writeNodeFile("seccomp/no-mkdir.json", JSON.stringify(profile));
    const ports = [{ port: 80 }];
    await client.create(services, { metadata: { namespace, name: "linked" }, spec: { selector: { app: "x" }, ports } });
  });
  after(() => lab?.stop());

  for (const [topic, cases] of allCases) {
    describe(topic, () => {
      // All at once: they wait for each other's turn at Docker, and not for each other's end.
      before(() =>
        Promise.all(
          cases.map(({ spec, labels, annotations }, position) =>
            lab.create(nameOf(topic, position), spec, { labels, annotations }),
          ),
        ),
      );
      after(() => Promise.all(cases.map((_, position) => lab.remove(nameOf(topic, position)).catch(() => undefined))));

      for (const [position, each] of cases.entries()) {
        it(each.title, async () => each.check(await lab.look(each, nameOf(topic, position))));
      }
    });
  }

  describe("refused by the server", () => {
    for (const [position, { title, spec, message }] of refusedCases.entries()) {
      it(title, async () => {
        const answer = await lab.create(`refused-${position}`, spec).then(
          () => "accepted",
          (error: Error) => error.message,
        );
        expect(answer).to.contain(message);
      });
    }
  });
});

const nameOf = (topic: string, position: number) => `${topic.replace(/[^a-z]+/g, "-")}-${position}`;
