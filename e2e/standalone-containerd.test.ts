import { describeWith } from "../testing/machine-parts.ts";
import { describeApplication } from "./application-suite.ts";
import { StandaloneCluster } from "./standalone-cluster.ts";

describeWith(
  ["containerd", "nftables", "kubectl"],
  "a standalone cluster on a containerd of its own and nftables",
  () => {
    describeApplication(() => StandaloneCluster.prepare({ runtime: "containerd", proxy: "nftables" }));
  },
);
