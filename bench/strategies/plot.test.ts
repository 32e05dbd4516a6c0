import { expect } from "chai";
import { renderPlot, type Plot } from "./plot.ts";

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const TOKEN = /<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<>&]*")*)(\/?)>|[^<>]+/gy;
const ENTITY = /&(?!(?:amp|lt|gt|quot);)/;

/** A strict reader of the XML that a plot is made of: it throws where the document is not well-formed. */
function parseDocument(document: string): readonly Element[] {
  const elements: Element[] = [];
  const open: string[] = [];
  let end = 0;
  for (const [token, isEnd, name, attributes = "", isEmpty] of document.matchAll(TOKEN)) {
    end += token.length;
    if (ENTITY.test(token)) throw new Error(`an unknown entity: ${token}`);
    if (name === undefined) continue;
    if (isEnd && open.pop() !== name) throw new Error(`</${name}> ends what is not open`);
    if (isEnd) continue;
    const pairs = [...attributes.matchAll(/ ([a-zA-Z0-9-]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
      key,
      value,
    ]);
    if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`${token} repeats an attribute`);
    elements.push({ name, attributes: Object.fromEntries(pairs) as Record<string, string> });
    if (!isEmpty) open.push(name);
  }
  if (end !== document.length) throw new Error(`no XML: ${document.slice(end, end + 40)}`);
  if (open.length > 0) throw new Error(`<${open.join("><")}> is not ended`);
  return elements;
}

const plot: Plot = {
  title: "Waits & <times>",
  xTitle: "decision time (s)",
  yTitle: 'the "wait" (s)',
  lines: [
    { name: "a < b", points: [0.1, 1, 10, 100].map((x) => ({ x, y: 2 * x })) },
    { name: "flat", points: [0.1, 100].map((x) => ({ x, y: 0.5 })) },
  ],
};

describe("renderPlot", () => {
  it("gives a well-formed document of one svg element", () => {
    const elements = parseDocument(renderPlot(plot));
    expect(elements[0]?.name).to.equal("svg");
    expect(elements.filter(({ name }) => name === "svg")).to.have.lengthOf(1);
    expect(elements[0]?.attributes.xmlns).to.equal("http://www.w3.org/2000/svg");
  });

  it("draws each line through all its points, from left to right", () => {
    const lines = parseDocument(renderPlot(plot)).filter(({ name }) => name === "polyline");
    const points = lines.map(({ attributes }) =>
      (attributes.points ?? "").split(" ").map((pair) => pair.split(",").map(Number)),
    );
    expect(points.map(({ length }) => length)).to.deep.equal([4, 2]);
    const [rising = [], flat = []] = points;
    expect(rising.map(([x = 0]) => x)).to.deep.equal(rising.map(([x = 0]) => x).sort((a, b) => a - b));
    expect(rising.map(([, y = 0]) => y)).to.deep.equal(rising.map(([, y = 0]) => y).sort((a, b) => b - a));
    expect(flat[0]?.[1]).to.equal(flat[1]?.[1]);
  });

  const odd: [string, Plot["lines"]][] = [
    ["without lines", []],
    ["of a line without points", [{ name: "none", points: [] }]],
    ["of a single point", [{ name: "one", points: [{ x: 3, y: 3 }] }]],
    ["of points at zero", [{ name: "zero", points: [0, 1].map((x) => ({ x, y: 0 })) }]],
    ["of more lines than colours", Array.from({ length: 20 }, () => ({ name: "n", points: [{ x: 1, y: 1 }] }))],
  ];
  for (const [title, lines] of odd) {
    it(`draws a plot ${title}`, () => {
      const document = renderPlot({ ...plot, lines });
      expect(document).not.to.match(/NaN|Infinity|undefined/);
      expect(parseDocument(document)).not.to.have.lengthOf(0);
    });
  }

  it("is held against a reader that sees mistakes", () => {
    for (const mistake of ["<a>", "<a></b>", "<a>&x;</a>", '<a b="1" b="2"/>', "<a b=1/>", "<a>></a>"]) {
      expect(() => parseDocument(mistake), mistake).to.throw();
    }
  });
});
