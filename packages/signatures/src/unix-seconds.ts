/** Ten digits last until the year 2286; more than twelve is no time that a sender's clock shows. */
const PLAIN_DECIMAL = /^[0-9]{1,12}$/;

/** Unix seconds from a plain decimal integer (no sign, fraction or exponent, at most 12 digits), else null. */
export function parseUnixSeconds(text: string): number | null {
  return PLAIN_DECIMAL.test(text) ? Number(text) : null;
}
