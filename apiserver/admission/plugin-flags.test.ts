import { expect } from "chai";
import { disabledSteps, type PluginFlags } from "./plugin-flags.ts";

const choices: [flags: PluginFlags, disabled: readonly string[]][] = [
  [{}, []],
  [{ enable: ["LimitRanger", "ResourceQuota"] }, []],
  [{ disable: ["ResourceQuota"] }, ["ResourceQuota"]],
  [{ disable: ["AlwaysPullImages", "Priority"] }, ["Priority"]],
];

const mistakes: [flags: PluginFlags, message: RegExp][] = [
  [{ enable: ["Quota"] }, /^--enable-admission-plugins: plugin "Quota" is unknown; there are NamespaceLifecycle, /],
  [{ disable: ["toString"] }, /^--disable-admission-plugins: plugin "toString" is unknown; there are /],
  [{ disable: ["RoleEscalation"] }, /^--disable-admission-plugins: plugin "RoleEscalation" is unknown; there are /],
  [{ enable: ["ImagePolicyWebhook"] }, /plugin "ImagePolicyWebhook" is not part of this server; there are /],
  [
    { enable: ["Priority"], disable: ["Priority"] },
    /^\[Priority\] in enable-admission-plugins and disable-admission-plugins overlapped$/,
  ],
];

describe("the flags for admission plugins", () => {
  for (const [flags, disabled] of choices) {
    it(`leave out ${disabled.join() || "nothing"} for ${JSON.stringify(flags)}`, () => {
      expect(disabledSteps(flags)).to.deep.equal(disabled);
    });
  }
  for (const [flags, message] of mistakes) {
    it(`say what is wrong with ${JSON.stringify(flags)}`, () => {
      expect(() => disabledSteps(flags)).to.throw(message);
    });
  }
});
