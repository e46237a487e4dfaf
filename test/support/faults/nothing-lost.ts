/** What every fault must end in, with the law checked. */
export const NOTHING_LOST = { lost: 0, foreign: 0, wrongRows: 0 } as const;
