import { expect } from "chai";
import { heldBackFrom, type RequestsByRole, type SetAside } from "./held-back.ts";

const eng: SetAside = { role: "eng", amounts: { cpu: 2000 } };
const web: SetAside = { role: "eng/web", amounts: { cpu: 1000, memory: 100 } };

interface Case {
  readonly title: string;
  readonly role?: string;
  readonly reserved: readonly SetAside[];
  readonly requests?: RequestsByRole;
  readonly held: Readonly<Record<string, number>>;
}

const cases: readonly Case[] = [
  { title: "nothing where nothing is reserved", reserved: [], requests: { eng: { cpu: 1 } }, held: {} },
  { title: "everything from pods without a role", reserved: [eng, web], held: { cpu: 3000, memory: 100 } },
  { title: "everything from another role", role: "ops", reserved: [eng], held: { cpu: 2000 } },
  { title: "nothing from the role itself", role: "eng", reserved: [eng], held: {} },
  { title: "nothing from a part of the role", role: "eng/web", reserved: [eng, web], held: {} },
  {
    title: "what is a part's alone from the whole",
    role: "eng",
    reserved: [eng, web],
    held: { cpu: 1000, memory: 100 },
  },
  { title: "nothing from a role that only begins alike", role: "engine", reserved: [eng], held: { cpu: 2000 } },
  { title: "no more of what is in use", reserved: [eng], requests: { eng: { cpu: 1500 } }, held: { cpu: 500 } },
  { title: "never less than nothing", reserved: [eng], requests: { eng: { cpu: 9000 } }, held: { cpu: 0 } },
  {
    title: "the whole's, once a part has used up its own",
    reserved: [eng, web],
    requests: { "eng/web": { cpu: 1500 } },
    held: { cpu: 1500, memory: 100 },
  },
  { title: "the sum of several", reserved: [eng, eng], requests: { eng: { cpu: 500 } }, held: { cpu: 3500 } },
];

describe("what a node holds back from a pod", () => {
  for (const { title, role, reserved, requests, held } of cases) {
    it(`is ${title}`, () => {
      expect(heldBackFrom(role, reserved, requests)).to.deep.equal(held);
    });
  }
});
