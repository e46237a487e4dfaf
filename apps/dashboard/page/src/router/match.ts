/** The values of `:name` parts where the path is of the pattern, else null. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/');
  const parts = path.replace(/\/$/, '').split('/');
  if (wanted.length !== parts.length) return null;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const found = decoded(parts[index] ?? '');
    if (found === null) return null;
    if (part.startsWith(':')) values[part.slice(1)] = found;
    else if (part !== found) return null;
  }
  return values;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
