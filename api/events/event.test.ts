import { expect } from "chai";
import fc from "fast-check";
import { toCoreEvent, toEventV1 } from "./convert-event.ts";
import { eventsV1, type Event } from "./event.ts";
import { validateEventV1 } from "./validate-event.ts";
import { events } from "../core/event.ts";
import { storedObject } from "../../testing/stored-object.ts";

const regarding = { kind: "Pod", namespace: "default", name: "web" };
const complete = {
  eventTime: "2020-01-01T00:00:00.000000Z",
  reportingController: "example.com/controller",
  reportingInstance: "host",
  action: "Look",
  reason: "Looked",
  note: "It has been looked at",
  type: "Normal",
  regarding,
};
const eventOf = (fields: object): Event => storedObject(eventsV1, { ...complete, ...fields });
const texts = (event: Event, old?: Event) =>
  validateEventV1(event, old).map(({ path, message }) => `${path}: ${message}`);

describe("an event of events.k8s.io", () => {
  it("is stored under the names of the core group", () => {
    const { metadata, ...fields } = toCoreEvent(
      eventOf({ series: { count: 2, lastObservedTime: complete.eventTime } }),
    );
    expect(metadata.name).to.equal("test");
    expect(fields).to.deep.equal({
      apiVersion: "v1",
      kind: "Event",
      eventTime: complete.eventTime,
      reportingComponent: "example.com/controller",
      reportingInstance: "host",
      action: "Look",
      reason: "Looked",
      message: "It has been looked at",
      type: "Normal",
      involvedObject: regarding,
      source: {},
      series: { count: 2, lastObservedTime: complete.eventTime },
    });
  });

  it("shows what older reporters say under names that say so", () => {
    const source = { component: "kubelet", host: "n" };
    const times = { firstTimestamp: "2020-01-01T00:00:00Z", lastTimestamp: "2020-01-01T00:00:05Z", count: 3 };
    const event = toEventV1(storedObject(events, { involvedObject: regarding, message: "m", source, ...times }));
    expect(event).to.deep.include({
      regarding,
      note: "m",
      deprecatedSource: source,
      deprecatedFirstTimestamp: times.firstTimestamp,
      deprecatedLastTimestamp: times.lastTimestamp,
      deprecatedCount: 3,
    });
    expect(event).to.not.have.property("eventTime");
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["nothing that it lacks", {}, []],
    ["no time", { eventTime: undefined }, ["eventTime: Required value"]],
    ["an unknown type", { type: "Odd" }, ['type: Invalid value: "": has invalid value: Odd']],
    [
      "fields of older events",
      {
        deprecatedCount: 1,
        deprecatedFirstTimestamp: "2020-01-01T00:00:00Z",
        deprecatedLastTimestamp: "2020-01-01T00:00:00Z",
        deprecatedSource: { host: "a" },
      },
      ["firstTimestamp", "lastTimestamp", "count", "source"].map(
        (name) => `${name}: Invalid value: "": needs to be unset`,
      ),
    ],
    [
      "a series of one",
      { series: { count: 1 } },
      ['series.count: Invalid value: "": should be at least 2', "series.lastObservedTime: Required value"],
    ],
    [
      "words that are missing or too long",
      { action: "", note: "x".repeat(1025), reportingController: "a b" },
      [
        "reportingController: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        "action: Required value",
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
    [
      "a place that is not that of its object",
      { regarding: { kind: "Node", name: "n" }, metadata: { namespace: "other" } },
      ['involvedObject.namespace: Invalid value: "": does not match event.namespace'],
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(`is judged by having ${title}`, () => {
      expect(texts(eventOf(fields))).to.deep.equal(expected);
    });
  }

  it("does not change but for its series", () => {
    const old = eventOf({});
    expect(texts(eventOf({ series: { count: 2, lastObservedTime: complete.eventTime } }), old)).to.deep.equal([]);
    expect(texts(eventOf({ note: "other", reportingInstance: "other" }), old)).to.deep.equal([
      'message: Invalid value: "other": field is immutable',
      'reportingInstance: Invalid value: "other": field is immutable',
    ]);
  });

  it("can be selected by its own names", () => {
    expect(eventsV1.selectableFields?.(eventOf({}))).to.include({
      "regarding.kind": "Pod",
      "regarding.name": "web",
      reason: "Looked",
      type: "Normal",
      reportingController: "example.com/controller",
    });
  });

  it("has the columns of events", () => {
    const cells = eventsV1.columns.map((column) => column.cell(eventOf({}), Date.parse("2020-01-01T00:01:00Z")));
    expect(cells.slice(0, 4)).to.deep.equal(["60s", "Normal", "Looked", "pod/web"]);
  });
});

const text = fc.constantFrom("a", "b");
const time = fc.constantFrom("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z");
const microTime = fc.constant("2020-01-01T00:00:00.000000Z");
const reference = fc.record({ kind: text, name: text, namespace: text, uid: text }, { requiredKeys: [] });
const coreEvent = fc
  .record(
    {
      involvedObject: reference,
      source: fc.record({ component: text, host: text }, { requiredKeys: [] }),
      message: text,
      reason: text,
      firstTimestamp: time,
      lastTimestamp: time,
      count: fc.nat(),
      type: text,
      eventTime: microTime,
      series: fc.record({ count: fc.nat(), lastObservedTime: microTime }, { requiredKeys: [] }),
      action: text,
      related: reference,
      reportingComponent: text,
      reportingInstance: text,
    },
    { requiredKeys: ["involvedObject"] },
  )
  .map((fields) => storedObject(events, fields));

describe("the conversion of events", () => {
  it("loses nothing in either direction", () => {
    fc.assert(
      fc.property(coreEvent, (event) => {
        expect(toCoreEvent(toEventV1(event))).to.deep.equal(event);
        expect(toEventV1(toCoreEvent(toEventV1(event)))).to.deep.equal(toEventV1(event));
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
