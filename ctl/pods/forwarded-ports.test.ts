import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { asStored, newPod, newService } from "../../testing/builders.ts";
import type { AnyObject } from "../any-object.ts";
import { parsePortWords } from "./forwarded-ports.ts";

const containers = [{ name: "main", image: "i", resources: {}, ports: [{ name: "http", containerPort: 8080 }] }];
const pod: Pod = asStored(newPod("web", { spec: { containers } }));
const service: AnyObject = asStored(newService("web", { port: 80, targetPort: "http" }));

describe("forwarded ports", () => {
  for (const { words, from, pairs } of [
    { words: ["80"], pairs: [{ local: 80, remote: 80 }] },
    { words: ["8000:80"], pairs: [{ local: 8000, remote: 80 }] },
    { words: [":80"], pairs: [{ local: 0, remote: 80 }] },
    { words: ["http"], pairs: [{ local: 8080, remote: 8080 }] },
    {
      words: ["1:http", "2"],
      pairs: [
        { local: 1, remote: 8080 },
        { local: 2, remote: 2 },
      ],
    },
    { words: ["9000:80"], from: service, pairs: [{ local: 9000, remote: 8080 }] },
    { words: ["80"], from: service, pairs: [{ local: 80, remote: 8080 }] },
  ]) {
    it(`are read from ${words.join(" ")}${from ? " of a service" : ""}`, () => {
      expect(parsePortWords(words, pod, from)).to.deep.equal(pairs);
    });
  }

  for (const { word, from, message } of [
    { word: "1:2:3", message: "invalid port format" },
    { word: ":99999", message: "it must be a number from 1 to 65535" },
    { word: "x:80", message: "error parsing local port" },
    { word: "dns", message: "Pod 'web' does not have a named port 'dns'" },
    { word: "81", from: service, message: "Service web does not have a service port 81" },
  ]) {
    it(`are refused: ${word}`, () => {
      expect(() => parsePortWords([word], pod, from)).to.throw(message);
    });
  }
});
