import { describeWith } from "../testing/machine-parts.ts";
import { describeApplication } from "./application-suite.ts";
import { ProcessesCluster } from "./processes-cluster.ts";

describeWith(
  ["etcd", "docker", "nftables", "kubectl"],
  "a cluster of separate processes on etcd, Docker and nftables",
  () => {
    describeApplication(() => ProcessesCluster.prepare());
  },
);
