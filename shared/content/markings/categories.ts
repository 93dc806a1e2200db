// The parts of a marking behind its level: compartments, dissemination controls, handling, and whom it may be released to.

/** What was read, and where it ended; `end` is where it began when nothing was. */
export type Read = { readonly caveats: readonly string[]; readonly nations?: readonly string[]; readonly end: number };

/** US form: `//` before each category, `/` between the entries of one, up to eight categories. */
export function readCategories(text: string, start: number): Read {
  const caveats: string[] = [];
  let nations: readonly string[] | undefined;
  let end = start;
  for (let count = 0; count < 8 && text.startsWith('//', end); count++) {
    const segment =
      /^\/\/ ?(?:REL TO [A-Z]{3,4}(?:(?:, ?| )[A-Z]{3,4}){0,30}|[A-Z0-9-]{1,24}(?: [A-Z0-9-]{1,24}){0,3}(?:\/[A-Z0-9-]{1,24}(?: [A-Z0-9-]{1,24}){0,3}){0,12})/.exec(
        text.slice(end, end + 400),
      )?.[0];
    if (segment === undefined) break;
    end += segment.length;
    const said = segment.slice(2).trim();
    if (said.startsWith('REL TO ')) {
      nations = narrowed(nations, nationsIn(said.slice('REL TO '.length)));
      continue;
    }
    const only = readNationsOnly(said);
    if (only !== undefined) {
      nations = narrowed(nations, only);
      continue;
    }
    for (const entry of said.split('/')) {
      const name = fullNames[entry] ?? entry;
      if (name === 'NOFORN') nations = narrowed(nations, ['USA']);
      else caveats.push(name);
    }
  }
  return { caveats, end, ...(nations === undefined ? {} : { nations }) };
}

/** UK form: handling instructions and descriptors behind a space, a dash, a colon or a slash; up to six. */
export function readUkHandling(text: string, start: number): Read {
  const caveats: string[] = [];
  let nations: readonly string[] | undefined;
  let end = start;
  for (let count = 0; count < 6; count++) {
    const found = handling.exec(text.slice(end, end + 80));
    const name = found?.[1]?.toUpperCase();
    if (found === null || name === undefined || found[1] !== name) break;
    end += found[0].length;
    const only = readNationsOnly(name);
    if (only === undefined) caveats.push(name);
    else nations = narrowed(nations, only);
  }
  return { caveats, end, ...(nations === undefined ? {} : { nations }) };
}

/** NATO form: special categories, and RELEASABLE TO with nations and organisations. */
export function readReleasability(text: string, start: number): Read {
  const caveats: string[] = [];
  let nations: readonly string[] | undefined;
  let end = start;
  for (let count = 0; count < 4; count++) {
    const rest = text.slice(end, end + 200);
    const special = /^[ /-]{1,3}(ATOMAL|BOHEMIA|CRYPTO|SIOP|EXCLUSIVE|LOCSEN)(?![A-Za-z0-9])/.exec(rest);
    const release =
      /^[ /,-]{1,3}REL(?:EASABLE)? TO ([A-Z]{2,5}(?:(?:, ?|\/| AND )[A-Z]{2,5}){0,30})(?![A-Za-z0-9])/.exec(rest);
    if (special?.[1] !== undefined) caveats.push(special[1]);
    else if (release?.[1] !== undefined) nations = narrowed(nations, nationsIn(release[1].replaceAll(' AND ', ',')));
    else break;
    end += (special ?? release)?.[0].length ?? 0;
  }
  return { caveats, end, ...(nations === undefined ? {} : { nations }) };
}

/** The nations of *UK EYES ONLY*, *UK/US EYES ONLY*; undefined where it is something else. */
export function readNationsOnly(text: string): readonly string[] | undefined {
  const named = /^([A-Z]{2,4}(?:\/[A-Z]{2,4}){0,8}) EYES ONLY$/.exec(text)?.[1];
  return named === undefined ? undefined : nationsIn(named);
}

const handling =
  /^[ ]{0,2}[-:/|,]?[ ]{0,2}(?:\[ ?)?((?:[A-Z]{2,4}(?:\/[A-Z]{2,4}){0,8} EYES ONLY)|RECIPIENTS ONLY|HMG USE ONLY|ORGANISATIONAL USE ONLY|FOR PUBLIC RELEASE|EMBARGOED|PERSONAL DATA|PERSONAL|COMMERCIAL|MARKET SENSITIVE|MARKET|LEGAL PRIVILEGE|LEGAL|LOCSEN|STAFF|POLICY|INVESTIGATIONS|STRAP ?[123]|ATOMIC)(?: ?\])?(?![A-Za-z0-9])/;

// What is written short means what is written in full.
const fullNames: Readonly<Record<string, string>> = {
  NF: 'NOFORN',
  OC: 'ORCON',
  PR: 'PROPIN',
  IMC: 'IMCON',
  RS: 'RSEN',
  FI: 'FISA',
};

const groups: Readonly<Record<string, readonly string[]>> = {
  FVEY: ['USA', 'AUS', 'CAN', 'GBR', 'NZL'],
  ACGU: ['AUS', 'CAN', 'GBR', 'USA'],
};

const shortNations: Readonly<Record<string, string>> = { UK: 'GBR', US: 'USA', NZ: 'NZL', AU: 'AUS', CA: 'CAN' };

function nationsIn(text: string): readonly string[] {
  const named = text.split(/[ ,/]+/).filter((name) => name !== '');
  return [...new Set(named.flatMap((name) => [shortNations[name] ?? name, ...(groups[name] ?? [])]))].sort();
}

// Two limits are both in force.
function narrowed(before: readonly string[] | undefined, more: readonly string[]): readonly string[] {
  return before === undefined ? more : before.filter((nation) => more.includes(nation));
}
