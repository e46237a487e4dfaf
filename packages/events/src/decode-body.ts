import { parseForm } from './form-body.js';
import { parseJson } from './json-body.js';
import { UnreadableDeliveryError } from './unreadable-delivery.js';
import { parseXml } from './xml-body.js';

export type BodyShape = 'json' | 'xml' | 'form';

export interface DecodedBody {
  readonly shape: BodyShape;
  readonly value: unknown;
}

// Takes a byte order mark away.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A body's value; null where the body is empty or only white. Its first character tells the shape, not its content type: BBB's senders set that
 * right, others do not (JSON is often sent under a form's type). Throws UnreadableDeliveryError.
 */
export function decodeBody(body: Buffer, contentType: string | null): DecodedBody | null {
  const text = decodeText(body).trim();
  if (text === '') return null;
  if (/^\s*multipart\//i.test(contentType ?? '')) {
    throw new UnreadableDeliveryError('unknown_form', 'a multipart body is not accepted');
  }
  switch (text[0]) {
    case '{':
    case '[':
      return { shape: 'json', value: parseJson(text) };
    case '<':
      return { shape: 'xml', value: parseXml(text) };
    default:
      return { shape: 'form', value: parseForm(text) };
  }
}

function decodeText(body: Buffer): string {
  try {
    return strictUtf8.decode(body);
  } catch {
    throw new UnreadableDeliveryError('bad_utf8', 'the body is not UTF-8');
  }
}
