/** The secrets of a run. All systems have the same; nothing of them leaves the machine. */
export const KEYS = {
  BBB_SECRET: 'shared-secret-of-the-bench',
  WEBHOOK_SALT: 'salt-of-the-bench',
  IDENTITY_KEY: 'identity-key-of-the-bench',
} as const;
