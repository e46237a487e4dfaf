/** What ingress has to know of one access URL of the learning platform to check and read what is sent for it. */
export interface Tenant {
  readonly accessUrlId: number;
  /** Secrets of the legacy URL's signature; none means that the legacy endpoint is not configured. */
  readonly salts: readonly string[];
  /** Secrets of the modern endpoint; none means that no request there is signed. */
  readonly kernelSecrets: readonly string[];
  /** Shared secrets of the BBB server, for its checksum and bearer. */
  readonly bbbSecrets: readonly string[];
  readonly hashAlgo: 'sha256' | 'sha1';
  readonly enabled: boolean;
  /** Null lets every event pass. */
  readonly eventFilter: ReadonlySet<string> | null;
  /** Take a legacy URL without time although its delivery proves nothing. */
  readonly allowUntimed: boolean;
}
