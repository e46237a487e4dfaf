/** What a name is told as once there are too many. */
export const OTHER_NAME = 'other';

/**
 * Names that come from outside, as values of a label: the first ones as they are, all further ones as `other`. Each value of a label is a
 * time series that the process and Prometheus keep, so that a sender could fill both with names of its own making.
 */
export class BoundedNames {
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  of(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size >= this.#most) return OTHER_NAME;
    this.#known.add(name);
    return name;
  }
}
