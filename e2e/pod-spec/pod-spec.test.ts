import { config, expect } from "chai";
import { describeWith } from "../../testing/machine-parts.ts";
import { allCases } from "./all-cases.ts";
import { furnish } from "./furnish.ts";
import { PodLab } from "./pod-lab.ts";
import { refusedCases } from "./refused-cases.ts";

// What was seen is worth reading in full.
config.truncateThreshold = 0;

describeWith(["docker", "nftables", "kubectl", "root"], "what a pod's spec says, on Docker", function () {
  let lab: PodLab;

  before(async () => {
    lab = await PodLab.start();
    await furnish(lab);
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
