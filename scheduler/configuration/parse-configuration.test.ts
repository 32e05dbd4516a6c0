import { expect } from "chai";
import fc from "fast-check";
import { ConfigurationError, defaultConfiguration, parseConfiguration } from "./parse-configuration.ts";
import { renderConfiguration } from "./render-configuration.ts";

const HEADER = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";
const parse = (text: string) => parseConfiguration(HEADER + text);
const withProfile = (profile: object) => `profiles: [${JSON.stringify({ schedulerName: "s", ...profile })}]`;
const withArgs = (name: string, args: object) => withProfile({ pluginConfig: [{ name, args }] });

const refused: readonly (readonly [title: string, text: string, message: string])[] = [
  [
    "an unknown field",
    "profiless: []\npodInitialBackoffSeconds: 2\n",
    'strict decoding error: unknown field "profiless"',
  ],
  [
    "an unknown field of a profile",
    withProfile({ plugin: {} }),
    'strict decoding error: unknown field "profiles[0].plugin"',
  ],
  [
    "a wrong type",
    "parallelism: many",
    "json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32",
  ],
  [
    "an unknown field of arguments",
    withArgs("NodeResourcesFit", { strategy: 1 }),
    "decoding .profiles[0].pluginConfig[0]: decoding args for plugin NodeResourcesFit: " +
      'strict decoding error: unknown field "strategy"',
  ],
  [
    "the arguments of another plugin",
    withArgs("NodeResourcesFit", { kind: "NodeAffinityArgs" }),
    "decoding .profiles[0].pluginConfig[0]: decoding args for plugin NodeResourcesFit: args for plugin NodeResourcesFit " +
      "were not of type NodeResourcesFitArgs.kubescheduler.config.k8s.io, got NodeAffinityArgs of " +
      "kubescheduler.config.k8s.io/v1: NodeResourcesFitArgs of kubescheduler.config.k8s.io/v1 is expected",
  ],
  ["no parallelism", "parallelism: -1", "parallelism: Invalid value: -1: should be an integer value greater than zero"],
  [
    "a percentage above 100",
    "percentageOfNodesToScore: 101",
    "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]",
  ],
  [
    "a back-off that ends before it begins",
    "podInitialBackoffSeconds: 20",
    "podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds",
  ],
  [
    "several wrong values, all of them named",
    "podInitialBackoffSeconds: 0\nclientConnection: {burst: -1}",
    "[clientConnection.burst: Invalid value: -1: must be non-negative, " +
      "podInitialBackoffSeconds: Invalid value: 0: must be greater than 0]",
  ],
  [
    "a lease shorter than its renewal",
    "leaderElection: {leaseDuration: 5s}",
    'leaderElection.leaseDuration: Invalid value: "10s": LeaseDuration must be greater than RenewDeadline',
  ],
  [
    "a lock of another kind",
    "leaderElection: {resourceLock: endpoints}",
    'leaderElection.resourceLock: Invalid value: "endpoints": resourceLock value must be "leases"',
  ],
  [
    "two profiles of one name",
    "profiles: [{schedulerName: a}, {schedulerName: a}]",
    'profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
  ],
  ["profiles without names", "profiles: [{schedulerName: a}, {}]", "profiles[1].schedulerName: Required value"],
  [
    "a plugin that was removed",
    withProfile({ plugins: { filter: { enabled: [{ name: "EBSLimits" }] } } }),
    'profiles[0].plugins.filter.enabled[0]: Invalid value: "EBSLimits": was invalid in version ' +
      '"kubescheduler.config.k8s.io/v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")',
  ],
  [
    "a plugin that does not exist",
    withProfile({ plugins: { filter: { enabled: [{ name: "Magic" }] } } }),
    'initializing profiles: creating profile for scheduler name s: FilterPlugin "Magic" does not exist',
  ],
  [
    "a plugin at a point that it does not know",
    withProfile({ plugins: { score: { enabled: [{ name: "NodeName" }] } } }),
    "initializing profiles: creating profile for scheduler name s: " +
      'plugin "NodeName" does not extend ScorePlugin plugin',
  ],
  [
    "no order of the queue",
    withProfile({ plugins: { queueSort: { disabled: [{ name: "*" }] } } }),
    "initializing profiles: creating profile for scheduler name s: " +
      'only one queue sort plugin required for profile with scheduler name "s", but got 0',
  ],
  [
    "nobody who binds",
    withProfile({ plugins: { multiPoint: { disabled: [{ name: "DefaultBinder" }] } } }),
    "initializing profiles: creating profile for scheduler name s: " +
      'at least one bind plugin is needed for profile with scheduler name "s"',
  ],
  [
    "an extender that scores without weight",
    "extenders: [{urlPrefix: 'http://localhost', prioritizeVerb: p}]",
    "extenders[0].weight: Invalid value: 0: must have a positive weight applied to it",
  ],
  [
    "two extenders that bind",
    "extenders: [{urlPrefix: 'http://a', bindVerb: b}, {urlPrefix: 'http://b', bindVerb: b}]",
    'extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind',
  ],
  [
    "an extender that manages what is no extended resource",
    "extenders: [{urlPrefix: 'http://a', managedResources: [{name: cpu}]}]",
    'extenders[0].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name',
  ],
  [
    "an extender without a place",
    "extenders: [{}]",
    'extenders[0].urlPrefix: Invalid value: "": must be an http or https URL',
  ],
];

const refusedArgs: readonly (readonly [plugin: string, args: object, message: string])[] = [
  [
    "DefaultPreemption",
    { minCandidateNodesPercentage: 101 },
    "minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]",
  ],
  [
    "DefaultPreemption",
    { minCandidateNodesAbsolute: -1 },
    "minCandidateNodesAbsolute: Invalid value: -1: not in valid range [0, inf)",
  ],
  [
    "InterPodAffinity",
    { hardPodAffinityWeight: 101 },
    "hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]",
  ],
  [
    "NodeAffinity",
    { addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    "addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: " +
      "must have at least one node selector term",
  ],
  [
    "NodeResourcesBalancedAllocation",
    { resources: [{ name: "cpu", weight: 2 }] },
    "resources[0].weight: Invalid value: 2: must be 1",
  ],
  [
    "NodeResourcesBalancedAllocation",
    { resources: [{ name: "cpu" }, { name: "cpu" }] },
    'resources[1].name: Duplicate value: "cpu"',
  ],
  [
    "NodeResourcesFit",
    { ignoredResourceGroups: ["a.test/b"] },
    "ignoredResourceGroups[0]: Invalid value: \"a.test/b\": resource group name can't contain '/'",
  ],
  [
    "NodeResourcesFit",
    { scoringStrategy: { type: "Most" } },
    'scoringStrategy.type: Unsupported value: "Most": supported values: "LeastAllocated", "MostAllocated", ' +
      '"RequestedToCapacityRatio"',
  ],
  [
    "NodeResourcesFit",
    { scoringStrategy: { type: "MostAllocated", resources: [{ name: "cpu", weight: 101 }] } },
    "scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]",
  ],
  [
    "NodeResourcesFit",
    { scoringStrategy: { type: "RequestedToCapacityRatio" } },
    "scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio",
  ],
  [
    "NodeResourcesFit",
    {
      scoringStrategy: {
        type: "RequestedToCapacityRatio",
        requestedToCapacityRatio: {
          shape: [
            { utilization: 50, score: 1 },
            { utilization: 50, score: 2 },
          ],
        },
      },
    },
    "scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 50: " +
      "values must be sorted in increasing order",
  ],
  [
    "PodTopologySpread",
    { defaultConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }] },
    'defaultingType: Invalid value: "System": when .defaultConstraints are not empty',
  ],
  [
    "PodTopologySpread",
    {
      defaultingType: "List",
      defaultConstraints: [{ maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }],
    },
    "defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)",
  ],
  [
    "VolumeBinding",
    { bindTimeoutSeconds: -1 },
    "bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value",
  ],
];

describe("parseConfiguration", () => {
  it("is shown as it could be written", () => {
    const text = `podMaxBackoffSeconds: 7\n${withArgs("NodeResourcesFit", { ignoredResources: ["example.com/a"] })}`;
    const { configuration } = parse(text);
    const shown = JSON.stringify(renderConfiguration(configuration));
    expect(parseConfiguration(shown).configuration).to.deep.equal(configuration);
  });

  it("gives Kubernetes' defaults where nothing is said", () => {
    const { configuration, warnings } = parse("");
    const { profiles, leaderElection, podInitialBackoffSeconds, podMaxBackoffSeconds } = configuration;
    expect({ podInitialBackoffSeconds, podMaxBackoffSeconds }).to.deep.equal({
      podInitialBackoffSeconds: 1,
      podMaxBackoffSeconds: 10,
    });
    expect(leaderElection).to.include({ leaderElect: true, leaseDuration: "15s", resourceName: "kube-scheduler" });
    expect(profiles.map(({ schedulerName }) => schedulerName)).to.deep.equal(["default-scheduler"]);
    expect(profiles[0]?.args).to.deep.equal({
      DefaultPreemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
      InterPodAffinity: { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false },
      NodeAffinity: {},
      NodeResourcesBalancedAllocation: {
        resources: [
          { name: "cpu", weight: 1 },
          { name: "memory", weight: 1 },
        ],
      },
      NodeResourcesFit: {
        ignoredResources: [],
        ignoredResourceGroups: [],
        scoringStrategy: {
          type: "LeastAllocated",
          resources: [
            { name: "cpu", weight: 1 },
            { name: "memory", weight: 1 },
          ],
        },
      },
      PodTopologySpread: { defaultConstraints: [], defaultingType: "System" },
      VolumeBinding: { bindTimeoutSeconds: 600 },
    });
    expect(warnings).to.deep.equal([]);
    expect(defaultConfiguration()).to.deep.equal(configuration);
  });

  it("keeps what is given, and fills in the rest of it", () => {
    const { configuration } = parse(
      withArgs("NodeResourcesFit", { scoringStrategy: { type: "MostAllocated", resources: [{ name: "a.test/b" }] } }),
    );
    expect(configuration.profiles[0]?.args.NodeResourcesFit.scoringStrategy).to.deep.equal({
      type: "MostAllocated",
      resources: [{ name: "a.test/b", weight: 1 }],
    });
  });

  it("leaves resources to the extenders that say so", () => {
    const managedResources = "[{name: a.test/b, ignoredByScheduler: true}, {name: a.test/c}]";
    const { configuration } = parse(`extenders: [{urlPrefix: 'http://a', managedResources: ${managedResources}}]`);
    expect(configuration.profiles[0]?.args.NodeResourcesFit.ignoredResources).to.deep.equal(["a.test/b"]);
  });

  for (const [title, text, message] of refused) {
    it(`refuses ${title}`, () =>
      expect(() => parse(text))
        .to.throw(ConfigurationError)
        .with.property("message", message));
  }

  for (const [plugin, args, message] of refusedArgs) {
    it(`refuses ${JSON.stringify(args)} for ${plugin}`, () => {
      expect(() => parse(withArgs(plugin, args)))
        .to.throw(ConfigurationError)
        .with.property("message", `profiles[0].pluginConfig[0].args.${message}`);
    });
  }

  const wanted = "apiVersion: kubescheduler.config.k8s.io/v1 and kind: KubeSchedulerConfiguration are expected";
  const documents: readonly (readonly [string, string, string])[] = [
    ["an empty file", "", `Object 'Kind' is missing: ${wanted}`],
    ["a list", "[1]", `Object 'Kind' is missing: ${wanted}`],
    ["no version", "kind: KubeSchedulerConfiguration", `Object 'apiVersion' is missing: ${wanted}`],
    [
      "an old version",
      "kind: KubeSchedulerConfiguration\napiVersion: kubescheduler.config.k8s.io/v1beta3",
      `no kind "KubeSchedulerConfiguration" is registered for version "kubescheduler.config.k8s.io/v1beta3": ${wanted}`,
    ],
    ["two documents", `${HEADER}---\n${HEADER}`, "there is more than one document; one is expected"],
  ];
  for (const [title, text, message] of documents) {
    it(`refuses ${title}, and says what would be right`, () => {
      expect(() => parseConfiguration(text))
        .to.throw(ConfigurationError)
        .with.property("message", message);
    });
  }

  it("refuses anything else that is wrong with a reason, and never crashes", () => {
    const wrong = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom([{}], [{ name: "NodeResourcesFit" }], "5s"));
    const fields = ["profiles", "extenders", "leaderElection", "clientConnection", "parallelism", "plugins", "args"];
    fc.assert(
      fc.property(fc.constantFrom(...fields), wrong, (field, value) => {
        const settings =
          field === "plugins"
            ? { profiles: [{ plugins: { filter: value } }] }
            : field === "args"
              ? { profiles: [{ pluginConfig: [{ name: "NodeResourcesFit", args: value }] }] }
              : { [field]: value };
        try {
          parseConfiguration(
            JSON.stringify({
              apiVersion: "kubescheduler.config.k8s.io/v1",
              kind: "KubeSchedulerConfiguration",
              ...settings,
            }),
          );
        } catch (error) {
          expect(error).to.be.instanceOf(ConfigurationError).with.property("message").that.is.not.empty;
        }
      }),
      { numRuns: 300 },
    );
  });

  it("refuses what is no YAML, and says where", () => {
    expect(() => parse("a: [")).to.throw(ConfigurationError, /^line 3, column \d+: /);
  });

  it("warns of what has no effect", () => {
    const profile = { pluginConfig: [{ name: "Magic", args: {} }, { name: "NodeName" }] };
    expect(parse(`percentageOfNodesToScore: 50\n${withProfile(profile)}`).warnings).to.deep.equal([
      "percentageOfNodesToScore has no effect: all nodes are looked at, and scored",
      "pluginConfig for Magic has no effect: there is no such plugin",
      "pluginConfig for NodeName has no effect: the plugin takes no arguments",
    ]);
  });
});
