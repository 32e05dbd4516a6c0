import { expect } from "chai";
import { parseTemplate } from "./parse-template.ts";
import { findValues, parseRelaxedPath, renderTemplate } from "./render-template.ts";

const data = {
  kind: "List",
  items: [
    {
      metadata: { name: "web", labels: { "app.kubernetes.io/name": "web", tier: "front" } },
      spec: { replicas: 3, paused: false, ports: [80, 443, 8080] },
      status: {
        conditions: [
          { type: "Ready", status: "True" },
          { type: "Live", status: "False" },
        ],
      },
    },
    { metadata: { name: "db", labels: { tier: "back" } }, spec: { replicas: 1, html: "<a>" }, status: {} },
  ],
};

const cases: readonly (readonly [template: string, expected: string])[] = [
  ["plain", "plain"],
  ["{.kind}", "List"],
  ["{$.kind}", "List"],
  ["{@.kind}", "List"],
  ["{.kind}/{.missing}/", "List//"],
  ["{.items[0].metadata.name}", "web"],
  ["{.items[-1].metadata.name}", "db"],
  ["{.items[*].metadata.name}", "web db"],
  ["{.items[0:1].metadata.name}", "web"],
  ["{.items[0].spec.ports[0:3:2]}", "80 8080"],
  ["{.items[0].spec.ports[1:]}", "443 8080"],
  ["{.items[0].spec.ports[-2:]}", "443 8080"],
  ["{.items[0].spec.ports}", "[80,443,8080]"],
  ["{.items[0].spec.ports[0,2]}", "80 8080"],
  ["{.items[0]['metadata.name', 'kind']}", "web"],
  ["{.items[*]['metadata.name', 'spec.replicas']}", "web 3 db 1"],
  ["{.items[0].metadata['name']}", "web"],
  ["{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "web"],
  ["{.items[0].metadata.labels['app\\.kubernetes\\.io/name']}", "web"],
  ["{.items[1].metadata.labels}", '{"tier":"back"}'],
  ["{.items[1].spec.html}", "<a>"],
  ["{.items[1].spec}", '{"html":"\\u003ca\\u003e","replicas":1}'],
  ["{..name}", "web db"],
  ["{.items[*].metadata.*}", 'web {"app.kubernetes.io/name":"web","tier":"front"} db {"tier":"back"}'],
  ['{.items[?(@.metadata.name=="db")].spec.replicas}', "1"],
  ["{.items[?(@.metadata.name=='db')].spec.replicas}", "1"],
  ["{.items[?(@.spec.replicas>1)].metadata.name}", "web"],
  ["{.items[?(@.spec.replicas<=3)].metadata.name}", "web db"],
  ["{.items[?(@.spec.paused==false)].metadata.name}", "web"],
  ["{.items[?(@.spec.html)].metadata.name}", "db"],
  ['{.items[?(@.metadata.name != "db")].metadata.name}', "web"],
  ['{.items[0].status.conditions[?(@.type=="Ready")].status}', "True"],
  ['{range .items[*]}{.metadata.name}{"\\t"}{.spec.replicas}{"\\n"}{end}', "web\t3\ndb\t1\n"],
  ["{range .items[*]}{.metadata.name}:{range .spec.ports[*]}{@},{end};{end}", "web:80,443,8080,;db:;"],
  ['{"{"}{.kind}{"}"}', "{List}"],
  ["{.items[0].spec.paused}", "false"],
];

describe("kubectl's JSONPath", () => {
  for (const [template, expected] of cases) {
    it(`renders ${template}`, () => {
      expect(renderTemplate(parseTemplate(template), data)).to.equal(expected);
    });
  }

  const broken: readonly (readonly [template: string, message: string])[] = [
    ["{.kind", "unclosed action"],
    ["{range .items[*]}{.kind}", "unterminated range: {end} is missing"],
    ["{end}", "not in range, nothing to end"],
    ["{.items[}", "unterminated array"],
    ["{.items[x]}", "invalid array index x"],
    ["{name}", "unrecognized identifier name"],
    ['{"a}', "unclosed action"],
    ["{.items[7]}", "array index out of bounds: index 7, length 2"],
    ["{.kind[0]}", "List is not array or slice"],
  ];
  for (const [template, message] of broken) {
    it(`refuses ${template}`, () => {
      expect(() => renderTemplate(parseTemplate(template), data)).to.throw(message);
    });
  }

  for (const path of ["{.kind}", ".kind", "kind", "{kind}"]) {
    it(`takes ${path} where a single path is wanted`, () => {
      expect(findValues(parseRelaxedPath(path), data)).to.deep.equal(["List"]);
    });
  }
});
