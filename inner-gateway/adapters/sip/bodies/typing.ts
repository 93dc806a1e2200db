// Who is typing: the KeyboardActivity body of an INFO, and isComposing (RFC 3994). Both are tiny closed forms,
// matched as a whole; no XML parser is needed, and none is let near them. sip-dialect §5.6.
import { readMediaType } from './media-type.ts';

export type Typing = 'type' | 'idle';

export const typingContentType = 'application/xml';

const largestBody = 2048;
const keyboardActivity =
  /^(?:<\?xml[^<>?]*\?>\s*)?<KeyboardActivity\s*>\s*<status\s+status\s*=\s*(?:"(type|idle)"|'(type|idle)')\s*(?:\/>|>\s*<\/status\s*>)\s*<\/KeyboardActivity\s*>$/;

const declaration = /(?:<\?xml[^<>?]*\?>)?\s*/y;
const rootOpens = /<isComposing\b/y;
const attribute = /\s+([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"<&]*)"|'([^'<&]*)')/y;
const tagEnds = /\s*>\s*/y;
const child = /<(state|lastactive|contenttype|refresh)>([^<&]*)<\/\1\s*>\s*/y;
const rootCloses = /<\/isComposing\s*>$/y;
const isComposingNamespace = 'urn:ietf:params:xml:ns:im-iscomposing';

/**
 * Reads a typing notification: `application/xml` with KeyboardActivity, or `application/im-iscomposing+xml`
 * without a prefix. undefined: the body is something else, or not exactly of this form (so also every document
 * type, entity, comment and CDATA section). Bodies over 2 KiB are not read.
 */
export function readTyping(contentType: string, body: Uint8Array): Typing | undefined {
  if (body.length > largestBody) return undefined;
  switch (readMediaType(contentType)?.essence) {
    case 'application/xml': {
      const found = keyboardActivity.exec(asciiOf(body));
      const state = found?.[1] ?? found?.[2];
      return state === 'type' || state === 'idle' ? state : undefined;
    }
    case 'application/im-iscomposing+xml':
      return readIsComposing(asciiOf(body));
    default:
      return undefined;
  }
}

/** The body of the INFO that tells a Skype client who is typing; its content type is `typingContentType`. */
export function printTyping(state: Typing): string {
  return `<?xml version="1.0"?><KeyboardActivity><status status="${state}" /></KeyboardActivity>`;
}

function readIsComposing(text: string): Typing | undefined {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  take(declaration);
  if (take(rootOpens) === null) return undefined;
  let namespace: string | undefined;
  for (let found = take(attribute); found !== null; found = take(attribute)) {
    if (found[1] === 'xmlns') namespace = found[2] ?? found[3];
  }
  if (namespace !== isComposingNamespace || take(tagEnds) === null) return undefined;
  let state: string | undefined;
  for (let found = take(child); found !== null; found = take(child)) {
    if (found[1] !== 'state') continue;
    if (state !== undefined) return undefined;
    state = found[2]?.trim();
  }
  if (take(rootCloses) === null) return undefined;
  // RFC 3994 §3.1: a state that we do not know is taken as idle.
  return state === undefined ? undefined : state === 'active' ? 'type' : 'idle';
}

function asciiOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1').trim();
}
