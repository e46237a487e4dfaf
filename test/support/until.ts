/** Waits until `condition` gives something other than undefined, null or false; fails with `what` after `timeoutMs`. */
export async function until<T>(what: string, condition: () => T | Promise<T>, timeoutMs = 180_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`timed out waiting until ${what}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}
