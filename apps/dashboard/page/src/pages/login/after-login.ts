/** What the server serves beside the page, below the same base. */
const BESIDE_THE_PAGE = /^(?:admin|api)\//;

/**
 * Where one goes after the login.
 *
 * @param next the address's `next`: a place of the page, or a path of the server such as that of Bull Board. Anything of another origin is
 *   taken for the overview.
 * @param base the document's base address
 */
export function afterLogin(next: string | null, base: string): { readonly to: string; readonly ofThePage: boolean } {
  const overview = { to: '', ofThePage: true };
  if (next === null || !URL.canParse(next, base)) return overview;
  const { origin, pathname, search } = new URL(next, base);
  const { origin: ownOrigin, pathname: ownPath } = new URL(base);
  if (origin !== ownOrigin || !pathname.startsWith(ownPath)) return overview;
  const place = pathname.slice(ownPath.length);
  if (BESIDE_THE_PAGE.test(place)) return { to: `${pathname}${search}`, ofThePage: false };
  return { to: `${place}${search}`, ofThePage: true };
}
