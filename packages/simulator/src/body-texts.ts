import { isRecord } from './webhook-delivery.js';

/** An object of texts as `application/x-www-form-urlencoded`; what is nested is named as PHP names it: `payload[user][name]`. */
export function formText(value: Readonly<Record<string, unknown>>): string {
  return new URLSearchParams(fieldsOf(value, (key) => key)).toString();
}

function fieldsOf(value: Readonly<Record<string, unknown>>, name: (key: string) => string): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]) =>
    isRecord(inner) ? fieldsOf(inner, (next) => `${name(key)}[${next}]`) : [[name(key), String(inner)] as [string, string]],
  );
}

/** The same as an XML document with elements of the same names; a list is its element several times. */
export function xmlText(root: string, value: Readonly<Record<string, unknown>>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementText(root, value)}\n`;
}

function elementText(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => elementText(name, item)).join('');
  const content = isRecord(value)
    ? Object.entries(value)
        .map(([key, inner]) => elementText(key, inner))
        .join('')
    : escapeXml(String(value));
  return `<${name}>${content}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
