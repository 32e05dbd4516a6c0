// "should support API operations": every kind that conformance looks at, from discovery to being deleted together.

import type { InProcessCluster } from "../in-process-cluster.ts";
import type { ApiClient } from "./api-client.ts";
import { OperationsTest } from "./api-operations.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";
import { networkOperations, storageOperations } from "./network-and-storage-operations.ts";
import { policyOperations } from "./policy-operations.ts";
import { workloadOperations } from "./workload-operations.ts";

describe("conformance: API operations", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
  });
  after(() => cluster.remove());

  for (const operations of [...workloadOperations, ...networkOperations, ...storageOperations, ...policyOperations]) {
    it(`supports all operations on ${operations.apiVersion} ${operations.plural}`, () =>
      new OperationsTest(api, operations).run());
  }
});
