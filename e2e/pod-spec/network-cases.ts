// A pod's names, its network, and what it shares with its node.

import { hostname } from "node:os";
import { readlinkSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { isReady, shell, telling, tells, type PodCase } from "./pod-case.ts";

const namespaceOf = (kind: string) => readlinkSync(`/proc/self/ns/${kind}`);

export const networkCases: readonly PodCase[] = [
  {
    title: "has the host name, the domain and the hosts file that its spec says",
    sees: ["PodSpec.hostname", "PodSpec.subdomain", "PodSpec.hostAliases", "HostAlias.ip", "HostAlias.hostnames"],
    spec: {
      ...tells("hostname; cat /etc/hosts"),
      hostname: "db",
      subdomain: "stores",
      hostAliases: [{ ip: "10.9.8.7", hostnames: ["old", "older"] }],
    },
    check({ said, pod }) {
      const [name, ...hosts] = said().split("\n");
      expect(name).to.equal("db");
      expect(hosts[0]).to.equal("# Kubernetes-managed hosts file.");
      expect(hosts).to.include.members([
        `${pod.status.podIP}\tdb.stores.default.svc.cluster.local\tdb`,
        "10.9.8.7\told\tolder",
      ]);
    },
  },
  {
    title: "has its full name as its host name where it asks for that",
    sees: ["PodSpec.setHostnameAsFQDN"],
    spec: { ...tells("hostname"), hostname: "db", subdomain: "stores", setHostnameAsFQDN: true },
    check: ({ said }) => expect(said()).to.equal("db.stores.default.svc.cluster.local\n"),
  },
  {
    title: "does not start under a full name that is too long for the kernel, and says so",
    sees: ["PodSpec.setHostnameAsFQDN"],
    spec: { ...tells("true"), hostname: "d".repeat(40), subdomain: "stores", setHostnameAsFQDN: true },
    until: ({ status }) => status.phase === "Pending" && status.startTime !== undefined,
    async check({ pod, lab }) {
      const event = await lab.event(pod.metadata.name, "FailedCreatePodSandBox");
      expect(event.message).to.contain("is too long (64 characters is the max, 73 characters requested)");
    },
  },
  {
    title: "resolves names as its own settings say, and as nothing else under None",
    sees: [
      "PodSpec.dnsPolicy",
      "PodSpec.dnsConfig",
      "PodDNSConfig.nameservers",
      "PodDNSConfig.searches",
      "PodDNSConfig.options",
      "PodDNSConfigOption.name",
      "PodDNSConfigOption.value",
    ],
    spec: {
      ...tells("cat /etc/resolv.conf"),
      dnsPolicy: "None",
      dnsConfig: {
        nameservers: ["10.1.2.3", "10.1.2.4"],
        searches: ["one.example", "two.example"],
        options: [{ name: "ndots", value: "2" }, { name: "rotate" }],
      },
    },
    check({ said }) {
      const lines = said()
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
      expect(lines).to.have.members([
        "nameserver 10.1.2.3",
        "nameserver 10.1.2.4",
        "search one.example two.example",
        "options ndots:2 rotate",
      ]);
    },
  },
  {
    title: "asks the cluster's DNS first unless it says otherwise, and its own servers after it",
    sees: ["PodSpec.dnsPolicy", "PodDNSConfig.nameservers", "PodDNSConfig.searches", "PodDNSConfig.options"],
    spec: {
      ...tells("cat /etc/resolv.conf"),
      dnsConfig: { nameservers: ["10.1.2.3"], searches: ["own.example"], options: [{ name: "ndots", value: "3" }] },
    },
    check({ said }) {
      expect(said()).to.match(
        /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local .*own\.example$/m,
      );
      expect(said()).to.match(/^nameserver 10(\.\d+)+\nnameserver 10\.1\.2\.3$/m);
      expect(said()).to.match(/^options ndots:3$/m);
    },
  },
  {
    title: "has a network of its own, or the node's",
    sees: ["PodSpec.hostNetwork"],
    spec: { ...tells("busybox readlink /proc/self/ns/net; hostname; head -1 /etc/hosts"), hostNetwork: true },
    check({ said }) {
      const header = "# Kubernetes-managed hosts file (host network).";
      expect(said()).to.equal(`${namespaceOf("net")}\n${hostname()}\n${header}\n`);
    },
  },
  {
    title: "sees the node's processes and shares its memory where it asks for that",
    sees: ["PodSpec.hostPID", "PodSpec.hostIPC"],
    spec: {
      ...tells("busybox readlink /proc/self/ns/pid; busybox readlink /proc/self/ns/ipc; cat /proc/1/comm"),
      hostPID: true,
      hostIPC: true,
    },
    check({ said }) {
      const first = readFileSync("/proc/1/comm", "utf8");
      expect(said()).to.equal(`${namespaceOf("pid")}\n${namespaceOf("ipc")}\n${first}`);
    },
  },
  {
    title: "shows its containers each other's processes where it asks for that",
    sees: ["PodSpec.shareProcessNamespace"],
    spec: {
      restartPolicy: "Never",
      shareProcessNamespace: true,
      containers: [
        telling(
          "until ps | grep -q '[s]leep 4321'; do sleep 0.1; done; cat /proc/1/comm; killall sleep || pkill sleep; ps | grep '[s]leep 4321' | while read id rest; do kill $id; done",
        ),
        shell("sleep 4321", { name: "other" }),
      ],
    },
    check: ({ said }) => expect(said().split("\n")[0]).to.equal("pause"),
  },
  {
    title: "keeps its containers' processes apart unless it asks for something else",
    sees: ["PodSpec.shareProcessNamespace"],
    spec: tells("cat /proc/1/comm"),
    check: ({ said }) => expect(said()).to.equal("sh\n"),
  },
  {
    title: "opens ports of the node, on the address given",
    sees: [
      "Container.ports",
      "ContainerPort.name",
      "ContainerPort.containerPort",
      "ContainerPort.protocol",
      "ContainerPort.hostPort",
      "ContainerPort.hostIP",
    ],
    spec: {
      containers: [
        shell("mkdir /www; echo here > /www/index.html; httpd -f -p 8080 -h /www", {
          ports: [{ name: "web", containerPort: 8080, protocol: "TCP", hostPort: 23_417, hostIP: "127.0.0.3" }],
          readinessProbe: { tcpSocket: { port: "web" }, periodSeconds: 1 },
        }),
      ],
    },
    until: isReady,
    async check() {
      const answer = await fetch("http://127.0.0.3:23417/");
      expect(await answer.text()).to.equal("here\n");
      const elsewhere = await fetch("http://127.0.0.1:23417/").then(
        () => "answered",
        () => "refused",
      );
      expect(elsewhere).to.equal("refused");
    },
  },
  {
    title: "sets the parameters of the kernel that are the pod's own",
    sees: ["PodSecurityContext.sysctls", "Sysctl.name", "Sysctl.value"],
    spec: {
      ...tells("cat /proc/sys/net/ipv4/ip_local_port_range /proc/sys/net/ipv4/tcp_syncookies"),
      securityContext: {
        sysctls: [
          { name: "net.ipv4.ip_local_port_range", value: "20000 21000" },
          { name: "net/ipv4/tcp_syncookies", value: "0" },
        ],
      },
    },
    check: ({ said }) => expect(said()).to.equal("20000\t21000\n0\n"),
  },
];
