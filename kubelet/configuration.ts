// What a kubelet was told to do, in the words of a KubeletConfiguration, for those who ask it at /configz. Pure.

type Amounts = Readonly<Record<string, string>>;

export interface ConfigurationFlags {
  readonly address: string;
  readonly port: number;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly clientCaFile?: string;
  readonly rotateCertificates: boolean;
  readonly rotateServerCertificates: boolean;
  readonly podManifestPath?: string;
  readonly maxPods: number;
  readonly podsPerCore: number;
  readonly podMaxPids: number;
  readonly allowedUnsafeSysctls: readonly string[];
  readonly kubeReserved: Amounts;
  readonly systemReserved: Amounts;
  readonly evictionHard: Amounts;
  readonly evictionSoft: Amounts;
  readonly evictionSoftGracePeriod: Amounts;
  readonly evictionMinimumReclaim: Amounts;
  readonly evictionMaxPodGracePeriod: number;
  readonly imageGcHighThreshold: number;
  readonly imageGcLowThreshold: number;
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
}

export function describeConfiguration(flags: ConfigurationFlags): Readonly<Record<string, unknown>> {
  const { tlsCertFile, tlsPrivateKeyFile, clientCaFile, podManifestPath } = flags;
  return {
    ...(podManifestPath && { staticPodPath: podManifestPath }),
    fileCheckFrequency: "20s",
    address: flags.address,
    port: flags.port,
    ...(tlsCertFile && { tlsCertFile, tlsPrivateKeyFile }),
    rotateCertificates: flags.rotateCertificates,
    serverTLSBootstrap: flags.rotateServerCertificates,
    authentication: {
      x509: { ...(clientCaFile && { clientCAFile: clientCaFile }) },
      webhook: { enabled: true, cacheTTL: "2m0s" },
      anonymous: { enabled: false },
    },
    authorization: { mode: "Webhook", webhook: { cacheAuthorizedTTL: "5m0s", cacheUnauthorizedTTL: "30s" } },
    clusterDomain: flags.clusterDomain,
    clusterDNS: flags.clusterDns,
    imageGCHighThresholdPercent: flags.imageGcHighThreshold,
    imageGCLowThresholdPercent: flags.imageGcLowThreshold,
    maxPods: flags.maxPods,
    podsPerCore: flags.podsPerCore,
    podPidsLimit: flags.podMaxPids,
    allowedUnsafeSysctls: flags.allowedUnsafeSysctls,
    kubeReserved: flags.kubeReserved,
    systemReserved: flags.systemReserved,
    evictionHard: flags.evictionHard,
    evictionSoft: flags.evictionSoft,
    evictionSoftGracePeriod: flags.evictionSoftGracePeriod,
    evictionMinimumReclaim: flags.evictionMinimumReclaim,
    evictionMaxPodGracePeriod: flags.evictionMaxPodGracePeriod,
    enableSystemLogHandler: false,
  };
}
