import { UnreadableDeliveryError } from './unreadable-delivery.js';

/**
 * No delivery nests like this, and what sits deeper cannot even be written down again without exhausting the stack. One event that is too deep is refused
 * far earlier, alone (event-identity).
 */
const MAX_BODY_DEPTH = 1_000;

const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The value of a JSON text. Throws UnreadableDeliveryError `bad_json` or `too_deep`. */
export function parseJson(text: string): unknown {
  // Each level takes an opening and a closing character, so a short text needs no look.
  if (text.length > 2 * MAX_BODY_DEPTH && depthOf(text) > MAX_BODY_DEPTH) {
    throw new UnreadableDeliveryError('too_deep', 'the JSON is nested too deep');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UnreadableDeliveryError('bad_json', 'the text begins like JSON but is none');
  }
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case OPENING_BRACKET:
      case OPENING_BRACE:
        depth += 1;
        if (depth > deepest) deepest = depth;
        break;
      case CLOSING_BRACKET:
      case CLOSING_BRACE:
        depth -= 1;
        break;
      case QUOTE:
        at = endOfString(text, at);
        break;
    }
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}
