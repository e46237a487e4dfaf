/** The queues as tests of whole processes name them, and whether it is the one in Redis. */
export const QUEUES = [
  ['Redis', true],
  ['PostgreSQL', false],
] as const;
