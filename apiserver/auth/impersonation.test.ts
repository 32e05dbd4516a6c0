import { expect } from "chai";
import type { SelfSubjectReview } from "../../api/authentication/self-subject-review.ts";
import type { UserInfo } from "../../lib/http.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { judgedBy } from "../../testing/authorizer.ts";

const WHOAMI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const jane: UserInfo = { username: "jane", uid: "1", groups: ["devs", "system:authenticated"] };

describe("impersonation", () => {
  let api: ApiHarness;
  let asked: unknown[];
  let refused: string | undefined;
  before(async () => {
    const authorizer = judgedBy(({ user, verb, resource, subresource, namespace, name }) => {
      if (verb !== "impersonate") return undefined;
      expect(user).to.equal(jane);
      asked.push(
        [resource?.group, resource?.plural, subresource, namespace, name]
          .filter((each) => each !== undefined)
          .join(" "),
      );
      return name === refused ? "not this one" : undefined;
    });
    api = await ApiHarness.start({ authorizer });
  });
  after(() => api.stop());
  beforeEach(() => {
    asked = [];
    refused = undefined;
  });
  const whoami = async (headers: Record<string, string>) => {
    const { code, data } = await api.call("POST", WHOAMI, { body: {}, headers, user: jane });
    return { code, message: data.message, user: (data.status as SelfSubjectReview["status"] | undefined)?.userInfo };
  };

  it("is for those who may, name by name", async () => {
    const { user } = await whoami({
      "impersonate-user": "paul",
      "impersonate-uid": "7",
      "impersonate-group": "ops, devs",
      "impersonate-extra-acme.com%2fproject": "x, y",
    });
    expect(asked).to.deep.equal([
      " users paul",
      " groups ops",
      " groups devs",
      "authentication.k8s.io userextras acme.com/project x",
      "authentication.k8s.io userextras acme.com/project y",
      "authentication.k8s.io uids 7",
    ]);
    expect(user).to.deep.equal({
      username: "paul",
      uid: "7",
      groups: ["ops", "devs", "system:authenticated"],
      extra: { "acme.com/project": ["x", "y"] },
    });
  });

  it("takes nothing over of the one who asks", async () => {
    expect((await whoami({ "impersonate-user": "paul" })).user).to.deep.equal({
      username: "paul",
      groups: ["system:authenticated"],
    });
  });

  it("of a service account brings its groups", async () => {
    const { user } = await whoami({ "impersonate-user": "system:serviceaccount:a:robot" });
    expect(asked).to.deep.equal([" serviceaccounts a robot"]);
    expect(user?.groups).to.deep.equal(["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"]);
  });

  it("of nobody known does not make anybody known", async () => {
    expect((await whoami({ "impersonate-user": "system:anonymous" })).user?.groups).to.deep.equal([
      "system:unauthenticated",
    ]);
  });

  for (const [name, message] of [
    [
      "paul",
      'users "paul" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope: not this one',
    ],
    [
      "system:masters",
      'groups "system:masters" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope: not this one',
    ],
  ] as const) {
    it(`is refused where one may not be ${name}`, async () => {
      refused = name;
      const { code, message: given } = await whoami({
        "impersonate-user": "paul",
        "impersonate-group": "system:masters",
      });
      expect([code, given]).to.deep.equal([403, message]);
    });
  }

  it("needs a user", async () => {
    for (const header of ["impersonate-group", "impersonate-uid", "impersonate-extra-scopes"]) {
      const { code, message } = await whoami({ [header]: "x" });
      expect(code).to.equal(500);
      expect(message).to.contain("without impersonating a user");
    }
  });

  it("gives nobody unknown a name", async () => {
    const { code } = await api.call("POST", WHOAMI, { body: {}, headers: { "impersonate-user": "paul" }, user: null });
    expect(code).to.equal(401);
  });
});
