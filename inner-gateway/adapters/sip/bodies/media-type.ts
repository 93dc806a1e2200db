// Reads a Content-Type value: type, subtype and parameters (RFC 3261 §25.1 media-type, RFC 2045 §5.1).

export type MediaType = {
  /** `type/subtype`, lower case. */
  readonly essence: string;
  /** Names in lower case; values as they stand, without their quotes. The first of a name counts. */
  readonly parameters: ReadonlyMap<string, string>;
};

const longestValue = 4096;
const mostParameters = 16;
const rememberedAtMost = 256;
const remembered = new Map<string, MediaType>();

const essencePattern = /[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}\/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64})[ \t]*/y;
// A value is a token; Skype also writes base64 without quotes, hence `/` and `=`.
const parameterPattern =
  /;[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64})(?:=(?:"((?:[^"\\\r\n]|\\[^\r\n])*)"|([^\s;",]*)))?[ \t]*)?/y;

/** The media type, or undefined where the value is not one. Linear; values over 4 KiB are refused. */
export function readMediaType(value: string): MediaType | undefined {
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const read = value.length > longestValue ? undefined : scan(value);
  if (read === undefined) return undefined;
  if (remembered.size >= rememberedAtMost) remembered.clear();
  remembered.set(value, read);
  return read;
}

function scan(value: string): MediaType | undefined {
  essencePattern.lastIndex = 0;
  const essence = essencePattern.exec(value)?.[1];
  if (essence === undefined) return undefined;
  const parameters = new Map<string, string>();
  let at = essencePattern.lastIndex;
  for (let count = 0; at < value.length; count += 1) {
    if (count === mostParameters) return undefined;
    parameterPattern.lastIndex = at;
    const found = parameterPattern.exec(value);
    if (found === null) return undefined;
    at = parameterPattern.lastIndex;
    const name = found[1]?.toLowerCase();
    if (name === undefined || parameters.has(name)) continue;
    parameters.set(name, found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? '');
  }
  return { essence: essence.toLowerCase(), parameters };
}
