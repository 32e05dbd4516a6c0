import { describeWith } from "../testing/machine-parts.ts";
import { describeApplication } from "./application-suite.ts";
import { StandaloneCluster } from "./standalone-cluster.ts";

describeWith(["docker", "nftables", "kubectl"], "a standalone cluster on Docker and nftables", () => {
  describeApplication(() => StandaloneCluster.prepare({ runtime: "docker", proxy: "nftables" }));
});
