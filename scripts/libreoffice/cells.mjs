const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * The cells of the first table of a flat OpenDocument spreadsheet, row by row without the empty ones at the end:
 * `{ type, value, text, formula }`. `type` is that of the format (`float`, `date`, `time`, `string`; null of an empty cell), `value` what it keeps,
 * `text` what is seen.
 */
export function cellsOf(fods) {
  const [, table = ''] = /<table:table [^>]*>(.*?)<\/table:table>/s.exec(fods) ?? [];
  const rows = [];
  for (const [, attributes, content = ''] of table.matchAll(
    /<table:table-row((?:\s[^>]*?)?)(?:\/>|>(.*?)<\/table:table-row>)/gs,
  )) {
    const cells = [];
    for (const [, told, inside = ''] of content.matchAll(
      /<table:table-cell((?:\s[^>]*?)?)(?:\/>|>(.*?)<\/table:table-cell>)/gs,
    )) {
      const cell = cellOf(told, inside);
      for (let left = repeated(told, 'columns'); left > 0; left -= 1) cells.push(cell);
    }
    while (cells.at(-1)?.type === null) cells.pop();
    // What is left of the sheet is one row that stands for all.
    if (cells.length > 0) for (let left = repeated(attributes, 'rows'); left > 0; left -= 1) rows.push(cells);
  }
  return rows;
}

function cellOf(told, inside) {
  const attribute = (name) => {
    const [, text] = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(told) ?? [];
    return text === undefined ? null : plain(text);
  };
  const type = attribute('office:value-type');
  const text = [...inside.matchAll(/<text:p(?:\s[^>]*)?(?:\/>|>(.*?)<\/text:p>)/gs)]
    .map(([, line = '']) => lineOf(line))
    .join('\n');
  const value = attribute('office:value') ?? attribute('office:date-value') ?? attribute('office:time-value') ?? text;
  return { type, value, text, formula: attribute('table:formula') };
}

/** Several spaces are written as an element. */
function lineOf(xml) {
  const spaced = xml.replace(/<text:s(?:\s+text:c="(\d+)")?\/>/g, (_all, count = '1') => ' '.repeat(Number(count)));
  return plain(spaced.replace(/<text:tab\/>/g, '\t').replace(/<[^>]*>/g, ''));
}

function repeated(told, what) {
  const [, count] = new RegExp(`table:number-${what}-repeated="(\\d+)"`).exec(told) ?? [];
  return count === undefined ? 1 : Math.min(Number(count), 1_000);
}

function plain(xml) {
  return xml.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? all;
  });
}
