// Kinds of policy, scheduling, admission, identity and events, and a status for each that its subresource takes.

import { ED25519_REQUEST } from "../../testing/certificate-requests.ts";
import type { Json } from "./api-client.ts";
import type { Operations } from "./api-operations.ts";

const namespace = "test";
const now = "2025-01-02T03:04:05Z";
const conditions = [{ type: "StatusUpdate", status: "True", reason: "E2E", message: "Set", lastTransitionTime: now }];
const webhook = {
  name: "hook.example.com",
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  failurePolicy: "Ignore",
  clientConfig: { url: "https://127.0.0.1:1/" },
  rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["nothings"] }],
};

export const policyOperations: readonly Operations[] = [
  {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "FlowSchema",
    plural: "flowschemas",
    build: () => ({
      spec: {
        matchingPrecedence: 10_000,
        priorityLevelConfiguration: { name: "global-default" },
        distinguisherMethod: { type: "ByUser" },
        rules: [
          {
            subjects: [{ kind: "User", user: { name: "example-e2e-non-existent-user" } }],
            nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
          },
        ],
      },
    }),
    change: ({ spec }) => ({ spec: { ...(spec as Json), matchingPrecedence: 9999 } }),
    status: { conditions: [{ ...conditions[0], type: "Dangling", status: "False" }] },
    statusKeepsMetadata: true,
  },
  {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "PriorityLevelConfiguration",
    plural: "prioritylevelconfigurations",
    build: () => ({
      spec: { type: "Limited", limited: { nominalConcurrencyShares: 2, limitResponse: { type: "Reject" } } },
    }),
    status: { conditions },
    statusKeepsMetadata: true,
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    plural: "validatingadmissionpolicies",
    build: () => ({
      spec: {
        matchConstraints: {
          resourceRules: [
            { operations: ["CREATE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["nothings"] },
          ],
        },
        validations: [{ expression: "object.spec.replicas <= 100" }],
      },
    }),
    change: ({ spec }) => ({ spec: { ...(spec as Json), failurePolicy: "Ignore" } }),
    status: { conditions },
    statusKeepsMetadata: true,
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    plural: "validatingadmissionpolicybindings",
    build: () => ({ spec: { policyName: "nothing.example.com", validationActions: ["Deny"] } }),
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    plural: "validatingwebhookconfigurations",
    build: () => ({ webhooks: [webhook] }),
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    plural: "mutatingwebhookconfigurations",
    build: () => ({ webhooks: [webhook] }),
  },
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    plural: "priorityclasses",
    build: (index) => ({ value: index + 1, description: "an example", globalDefault: false }),
  },
  {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    plural: "runtimeclasses",
    build: (index) => ({ handler: `runtime-handler-${index}` }),
  },
  {
    apiVersion: "v1",
    kind: "ResourceQuota",
    plural: "resourcequotas",
    namespace,
    build: () => ({ spec: { hard: { "requests.storage": "100Gi", "count/replicasets.extensions": "5" } } }),
    status: { hard: { "requests.storage": "100Gi" }, used: { "requests.storage": "1Gi" } },
  },
  {
    apiVersion: "v1",
    kind: "LimitRange",
    plural: "limitranges",
    namespace,
    build: () => ({ spec: { limits: [{ type: "Container", max: { cpu: "500m" } }] } }),
  },
  {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    plural: "leases",
    namespace,
    build: () => ({
      spec: { holderIdentity: "holder", leaseDurationSeconds: 30, acquireTime: "2025-01-02T03:04:05.000000Z" },
    }),
    change: () => ({ spec: { holderIdentity: "other", leaseTransitions: 1 } }),
  },
  {
    apiVersion: "v1",
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    namespace,
    build: () => ({ automountServiceAccountToken: false }),
  },
  {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    plural: "certificatesigningrequests",
    build: () => ({
      spec: {
        request: Buffer.from(ED25519_REQUEST).toString("base64"),
        signerName: "example.com/e2e",
        usages: ["digital signature"],
      },
    }),
    status: { conditions: [] },
  },
  {
    apiVersion: "v1",
    kind: "Event",
    plural: "events",
    namespace,
    build: () => ({
      involvedObject: { namespace, kind: "Pod", name: "a" },
      reason: "Test",
      message: "This is a test",
      type: "Normal",
      count: 1,
      firstTimestamp: now,
    }),
  },
  {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    plural: "events",
    namespace,
    build: () => ({
      regarding: { namespace, kind: "Pod", name: "a" },
      eventTime: "2017-09-19T13:49:16.000000Z",
      action: "Do",
      reason: "Test",
      note: "This is event",
      type: "Normal",
      reportingController: "test-controller",
      reportingInstance: "test-node",
    }),
    change: () => ({
      series: { count: 100, lastObservedTime: "2017-09-19T13:50:16.000000Z" },
    }),
  },
];
