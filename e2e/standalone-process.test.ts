import { describeWith } from "../testing/machine-parts.ts";
import { describeApplication } from "./application-suite.ts";
import { StandaloneCluster } from "./standalone-cluster.ts";

describeWith(["linux", "kubectl"], "a standalone cluster on plain processes, without root's means", () => {
  describeApplication(() => StandaloneCluster.prepare({ runtime: "process", proxy: "userspace" }));
});
