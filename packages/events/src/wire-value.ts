/** A parsed JSON object, XML element or form: names are the sender's, values are not trusted. */
export type WireObject = Readonly<Record<string, unknown>>;

const NOTHING: WireObject = Object.freeze({});

export function isWireObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object of that name, or an empty one: whoever reads from it finds nothing told. */
export function objectIn(object: WireObject, name: string): WireObject {
  const value = object[name];
  return isWireObject(value) ? value : NOTHING;
}

/** Whether a field tells anything: an absent one, null, and the empty text of forms and XML do not. */
export function isTold(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** The first of the fields that tells anything, object by object. */
export function firstTold(objects: readonly WireObject[], names: readonly string[]): unknown {
  for (const object of objects) {
    for (const name of names) {
      const value = object[name];
      if (isTold(value)) return value;
    }
  }
  return undefined;
}
