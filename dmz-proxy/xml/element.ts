// An XML element as the rest of the proxy sees it: expanded names only, no prefixes, text as text.

export type XmlElement = {
  readonly ns: string;
  readonly name: string;
  /** By local name; `xml:lang` for that one, `{namespace}name` for other qualified ones. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All character data directly inside it, joined. */
  readonly text: string;
};
